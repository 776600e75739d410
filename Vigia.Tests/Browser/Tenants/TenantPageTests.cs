using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>
/// A tenant's page when another person works on the same tenant, when a right is missing, and when the connection is
/// lost.
/// </summary>
public sealed class TenantPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task HardDelete_SlowDatabase_ShowsPlaceholdersThenTheMissingFigures()
    {
        var name = PortalTenants.NewName("lee");
        var tenant = await Host.ReadyTenantAsync(name);
        var page = await SignedInAsync($"{PortalUrls.Tenant(tenant)}?seccion=peligro");
        await using var session = await PostgresServer.OpenAsync(
            Host.Postgres.SuperuserUrl($"vigia_{name}"), Cancellation);
        await using var holding = new NpgsqlCommand("BEGIN; LOCK TABLE public.users", session);
        await holding.ExecuteNonQueryAsync(Cancellation);

        await page.GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" }).ClickAsync();

        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText("Cargando…")).ToHaveCountAsync(4);
        await Expect(dialog.GetByText("No se pudo leer")).ToHaveCountAsync(4);
        await Expect(dialog.GetByText("Cargando…")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Page_AsSupport_OffersSuspendAndReactivateOnly()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("soporte"));
        var page = await SignedInAsync(PortalUrls.Tenant(tenant), email: await Host.SupportAsync());
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Suspender" })).ToBeVisibleAsync();

        await Expect(page.Locator("main")
            .GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Editar|Eliminar|Dar de baja") }))
            .ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Baja y eliminación" })).ToHaveCountAsync(0);
        await SuspendAsync(page);
        await Expect(Chip(page)).ToHaveTextAsync("Suspendido");
        await page.GetByRole(AriaRole.Button, new() { Name = "Reactivar" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reactivar cliente" }).ClickAsync();
        await Expect(Chip(page)).ToHaveTextAsync("Activo");

        // Opening the address gives no more access than the buttons.
        await page.GotoAsync($"{PortalUrls.Tenant(tenant)}?seccion=peligro");
        await DrawnAsync(page);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" })).ToHaveCountAsync(0);
        await page.GotoAsync($"{PortalUrls.Tenant(tenant)}?seccion=configuracion");
        await DrawnAsync(page);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" })).ToHaveCountAsync(0);
        await page.GotoAsync(PortalUrls.NewTenant);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Registrar cliente" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Edit_TwoPeopleOneField_SecondSeesTheConflictAndKeepsTheirText()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("dos"));
        var first = await SignedInAsync(PortalUrls.Tenant(tenant));
        var second = await SignedInAsync(PortalUrls.Tenant(tenant));
        foreach (var (page, contact, plan) in new[]
        {
            (first, "Primera Persona", "profesional"), (second, "Segunda Persona", "empresarial"),
        })
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
            await page.Locator("#contacto_nombre").FillAsync(contact);
            await page.Locator("#plan").SelectOptionAsync(plan);
        }

        await first.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await Expect(first.GetByText("Guardado: contacto, plan")).ToBeVisibleAsync();
        await second.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();

        await Expect(second.GetByRole(AriaRole.Alert).First)
            .ToContainTextAsync(PortalHost.AdministratorEmail[..3], new() { IgnoreCase = true });
        await Expect(second.Locator("form.card")).ToContainTextAsync("Primera Persona");
        await Expect(second.Locator("#plan")).ToHaveAccessibleDescriptionAsync("Valor actual: Profesional");
        await Expect(second.Locator("#contacto_nombre")).ToHaveValueAsync("Segunda Persona");
        await second.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await Expect(second.GetByText("Guardado: contacto, plan")).ToBeVisibleAsync();
        await Expect(first.GetByText("Segunda Persona").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Limit_BelowTheUsage_WarnsBeforeSaving()
    {
        var name = PortalTenants.NewName("limite");
        var tenant = await Host.ReadyTenantAsync(name);
        await PostgresServer.ExecuteAsync(
            await Host.TenantUrlAsync(tenant, $"vigia_{name}"),
            "INSERT INTO users (email, hashed_password) SELECT 'u' || i, 'x' FROM generate_series(1, 3) i",
            Cancellation);
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await page.Locator("#max_usuarios").FillAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();

        // The safe choice leaves the values in the form.
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("4 usuarios activos ahora, límite nuevo 2");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
        await Expect(page.Locator("#max_usuarios")).ToHaveValueAsync("2");
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Guardar el límite nuevo" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Meter, new() { Name = "Usuarios activos" }))
            .ToHaveAttributeAsync("aria-valuetext", "4 de 2");
        await Expect(page.GetByRole(AriaRole.Meter, new() { Name = "Establecimientos activos" })
            .Or(page.GetByText("0 · Sin límite").First).First).ToBeVisibleAsync();

        // A limit above the current usage needs no confirmation.
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await page.Locator("#max_usuarios").FillAsync("9");
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Meter, new() { Name = "Usuarios activos" }))
            .ToHaveAttributeAsync("aria-valuetext", "4 de 9");
    }

    [Fact]
    public async Task Suspend_ByTwoPeopleAtOnce_LeavesOneRecord()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("juntos"));
        var pages = new[] { await SignedInAsync(PortalUrls.Tenant(tenant)),
            await SignedInAsync(PortalUrls.Tenant(tenant)) };
        foreach (var page in pages)
        {
            await OpenSuspendAsync(page);
        }

        await Task.WhenAll(pages.Select(
            page => page.GetByRole(AriaRole.Button, new() { Name = "Suspender cliente" }).ClickAsync()));

        foreach (var page in pages)
        {
            await Expect(Chip(page)).ToHaveTextAsync("Suspendido");
        }

        await Eventually.HoldsAsync("one of them is told that it was so already", async () =>
            await pages[0].GetByText("Ya estaba así: no cambió nada.").CountAsync() + await pages[1]
                .GetByText("Ya estaba así: no cambió nada.").CountAsync() == 1, Cancellation);
        Assert.Equal(1, await CountAsync(
            $"SELECT count(*) FROM portal.audit_events WHERE tenant_id = {tenant} AND action = 'tenant.suspended'"));
    }

    [Fact]
    public async Task Suspend_WhileDeleting_IsRefusedAndChangesNothing()
    {
        var subdomain = PortalTenants.NewName("tarde");
        var tenant = await Host.ReadyTenantAsync(subdomain);
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));
        await OpenSuspendAsync(page);
        await Host.PauseAsync(true);
        var operation = await Host.DeleteAsync(tenant, subdomain);

        await page.GetByRole(AriaRole.Button, new() { Name = "Suspender cliente" }).ClickAsync();

        await Expect(page.Locator(".mud-snackbar")).ToContainTextAsync(new Regex("saliendo|listo|en ejecución"));
        await Expect(Chip(page)).ToHaveTextAsync("Saliendo");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Suspender" })).ToHaveCountAsync(0);
        Assert.Equal(0, await CountAsync(
            $"SELECT count(*) FROM portal.audit_events WHERE tenant_id = {tenant} AND action = 'tenant.suspended'"));
        await Host.PauseAsync(false);
        await Host.ReachAsync(operation, OperationState.Succeeded);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "está en la papelera" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Page_ConnectionLostDuringProvisioning_ShowsTheCurrentState()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to"]);
        await Host.PauseAsync(true);
        var (tenant, operation) = await Host.RegisterAsync(PortalTenants.NewName("caida"));
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));
        await Expect(page.Locator(".step-pending")).ToHaveCountAsync(7);
        await page.EvaluateAsync("window.sameDocument = true");

        await page.EvaluateAsync("Blazor._internal.forceCloseConnection()");
        await Host.PauseAsync(false);
        await Host.ReachAsync(operation!.Value, OperationState.Succeeded);

        await Expect(page.Locator("#components-reconnect-modal")).Not.ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(Chip(page)).ToHaveTextAsync("Activo");
        await Expect(page.GetByText("Base creada en")).ToBeVisibleAsync();
        await Expect(page.Locator(".stepper")).ToHaveCountAsync(0);
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument"));
    }

    private static ILocator Chip(IPage page) => page.Locator(".page-header .state-chip");

    private static async Task OpenSuspendAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Motivo").First.SelectOptionAsync("falta_de_pago");
    }

    private static async Task SuspendAsync(IPage page)
    {
        await OpenSuspendAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspender cliente" }).ClickAsync();
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection =
            await PostgresServer.OpenAsync(Host.Postgres.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
