using Microsoft.Playwright;
using Npgsql;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Deletion;

public sealed class TrashPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private static readonly LocatorAssertionsToHaveTextOptions Patient = new() { Timeout = 60_000 };

    [Fact]
    public async Task Restore_NameTaken_ShowsAnErrorAndAcceptsAnother()
    {
        var (taken, other) = (PortalTenants.NewName("tomado"), PortalTenants.NewName("otro"));
        var tenant = await Host.TrashedTenantAsync(taken);
        await Host.RegisterAsync(taken, provision: false);
        var page = await SignedInAsync(PortalUrls.Trash);

        await page.GetByRole(AriaRole.Button, new() { Name = $"Restaurar Cliente {taken}" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" })).ToBeFocusedAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Restaurar" }).ClickAsync();
        await Expect(dialog.GetByLabel("Subdominio")).ToHaveAttributeAsync("aria-invalid", "true");
        await AssertAccessibleAsync(page);
        await dialog.GetByLabel("Subdominio").FillAsync("Con Espacios");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Restaurar" }).ClickAsync();
        await Expect(dialog.Locator(".field-error")).ToBeVisibleAsync();
        await dialog.GetByLabel("Subdominio").FillAsync(other);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Restaurar" }).ClickAsync();

        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Terminada", Patient);
        await page.GotoAsync(PortalUrls.Tenant(tenant));
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo");
        await Expect(page.GetByText(other).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Purge_DemoInTheTrash_IsSignedAndDropsTheDatabase()
    {
        var (subdomain, kept) = (PortalTenants.NewName("efimera"), PortalTenants.NewName("guardada"));
        await Host.TrashedTenantAsync(subdomain, TenantEnvironments.Demo);
        await Host.TrashedTenantAsync(kept);
        await PostgresServer.ExecuteAsync(
            Host.Postgres.SuperuserUrl(Host.Master.Database),
            $"UPDATE portal.tenant_trash SET ruc = '10467793549' WHERE subdomain = '{subdomain}'", Cancellation);
        var page = await SignedInAsync(PortalUrls.Trash);

        // A production tenant stays for its days. There is no button to end them early.
        await Expect(page.GetByText(kept, new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = $"Destruir Cliente {kept}" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = $"Destruir Cliente {subdomain}" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var purge = dialog.GetByRole(AriaRole.Button, new() { Name = "Destruir" });
        await Expect(purge).ToBeDisabledAsync();
        await Expect(purge).ToHaveAccessibleDescriptionAsync("Faltan: Subdominio · Motivo · Su contraseña");
        foreach (var (fact, value) in new[]
        {
            ("Apellidos y nombres", $"Cliente {subdomain}"), ("Usuarios", "1"), ("Casos", "0"),
            ("Última copia de seguridad", "Ninguna"),
        })
        {
            await Expect(dialog.Locator($"dt:text-is('{fact}') + dd")).ToHaveTextAsync(value);
        }

        await page.Locator("#purge-confirm").FillAsync(kept);
        await page.Locator("#purge-reason").FillAsync("La demo terminó");
        await page.Locator("#purge-password").FillAsync("no-es-la-de-ana");
        await Expect(purge).ToBeDisabledAsync();
        await page.Locator("#purge-confirm").FillAsync(subdomain);
        await purge.ClickAsync();
        await Expect(dialog.Locator(".field-error")).ToHaveTextAsync("La contraseña no es la suya.");
        await AssertAccessibleAsync(page);
        await page.Locator("#purge-password").FillAsync(PortalHost.AdministratorPassword);
        await purge.ClickAsync();

        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Terminada", Patient);
        await Expect(page.GetByText("La base de datos y sus roles ya no existen.")).ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.Trash);
        await Expect(page.GetByText(kept, new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText(subdomain, new() { Exact = true })).ToHaveCountAsync(0);
        Assert.Equal(1, await CountTrashDatabasesAsync());
    }

    [Fact]
    public async Task Restore_AlreadyRequested_IsDisabledWithAReason()
    {
        var subdomain = PortalTenants.NewName("pedido");
        var tenant = await Host.TrashedTenantAsync(subdomain);
        await Host.PauseAsync(true);
        var page = await SignedInAsync(PortalUrls.Trash);
        var restore = page.GetByRole(AriaRole.Button, new() { Name = $"Restaurar Cliente {subdomain}" });
        await restore.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Restaurar" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("En cola");

        await page.GotoAsync(PortalUrls.Trash);

        await Expect(restore).ToBeDisabledAsync();
        await Expect(restore).ToHaveAccessibleDescriptionAsync("Restaurar de la papelera");
        await AssertAccessibleAsync(page);
        await Host.PauseAsync(false);
        await Expect(page.GetByText(subdomain, new() { Exact = true })).ToHaveCountAsync(0, new() { Timeout = 60_000 });
        await page.GotoAsync(PortalUrls.Tenant(tenant));
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo");
    }

    [Fact]
    public async Task Trash_AsSupport_IsReadOnly()
    {
        var subdomain = PortalTenants.NewName("visto");
        await Host.TrashedTenantAsync(subdomain, TenantEnvironments.Demo);

        var page = await SignedInAsync(
            PortalUrls.Trash, Look.Usual with { Language = "en" }, await Host.SupportAsync());

        await Expect(page.GetByText(subdomain, new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator("table").GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox)).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(subdomain);
        await Expect(page.Locator(".search-results li")).ToContainTextAsync("In the trash");
    }

    // Counts only the databases of this portal, because others share the server.
    private async Task<long> CountTrashDatabasesAsync()
    {
        await using var connection =
            await PostgresServer.OpenAsync(Host.Postgres.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(
            """
            SELECT count(*) FROM portal.databases d JOIN portal.tenant_trash t ON t.database_id = d.id
            WHERE t.environment <> 'demo' AND EXISTS (SELECT FROM pg_database WHERE datname = d.name)
              AND t.subdomain LIKE 'guardada-%'
            """, connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
