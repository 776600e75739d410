using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>
/// The main task of the portal as a person performs it, each step in a real browser against a real PostgreSQL.
/// </summary>
public sealed class TenantLifeTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private static int _number = 700;
    private string? _other;

    [Fact]
    public async Task NewTenant_WholeLifeUpToTheRestore_EachStepIsShownAndDone()
    {
        var page = await SignedInAsync(PortalUrls.Tenants);
        await page.GetByRole(AriaRole.Link, new() { Name = "Nuevo cliente" }).First.ClickAsync();
        await FillAsync(page, "Farmacéutica Añaños S.A.C.", "lucia@ananos.pe");
        await Expect(page.Locator("#subdominio")).ToHaveValueAsync("farmaceutica-ananos");
        await PauseAsync(true);
        await page.GetByRole(AriaRole.Button, new() { Name = "Registrar cliente" }).ClickAsync();

        // The page shows the steps live, without a reload, until the tenant is active.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Farmacéutica Añaños S.A.C.", Level = 1 }))
            .ToBeVisibleAsync();
        await Expect(page.Locator(".step-pending")).ToHaveCountAsync(7);
        await PauseAsync(false);
        await Expect(page.GetByText("Base creada en")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Invitar a su primer administrador" }))
            .ToBeVisibleAsync();
        await Expect(page.Locator(".stepper")).ToHaveCountAsync(0);
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo", new() { Timeout = 60_000 });
        await Expect(page).ToHaveTitleAsync(new Regex("^Activo · Farmacéutica Añaños"));
        var id = int.Parse(Regex.Match(page.Url, "/clientes/(\\d+)").Groups[1].Value,
            System.Globalization.CultureInfo.InvariantCulture);

        await AssertOnlyOwnDatabaseOpensAsync(id, "vigia_farmaceutica-ananos");
        await EditAsync(page);
        await SuspendAndReactivateAsync(page);
        await WithdrawAndReactivateAsync(page, id);
        await DeleteAndUndoAsync(page, id);
    }

    [Fact]
    public async Task DemoTenant_DestroyedAtOnce_DatabaseAndRolesAreGone()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await FillAsync(page, "Demo Efímera S.A.C.", "demo@efimera.pe");
        await page.Locator("#entorno").SelectOptionAsync("demo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Registrar cliente" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo", new() { Timeout = 60_000 });
        var id = int.Parse(Regex.Match(page.Url, "/clientes/(\\d+)").Groups[1].Value,
            System.Globalization.CultureInfo.InvariantCulture);

        // Role names belong to the whole server. Another master may have a tenant with this id as soon as this one is
        // gone, but not with this role.
        var login = (await Host.TenantUrlAsync(id, "vigia_demo-efimera")).Username;
        var role = await TextAsync($"SELECT oid::text FROM pg_roles WHERE rolname = '{login}'");
        var database = await TextAsync(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'vigia_demo-efimera'");
        Assert.Equal(1, await CountAsync($"SELECT count(*) FROM pg_roles WHERE oid = {role}"));

        await OpenDeleteAsync(page, "Destruir");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("no se podrá deshacer");
        await Expect(page.GetByText("Usted firma: Destruyo ahora la base de datos")).ToBeVisibleAsync();
        await ConfirmDeleteAsync(page, "demo-efimera", "Destruir");

        await Expect(page.GetByText("Destruido.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Eventually.HoldsAsync("database and roles are gone", async () =>
            await CountAsync("SELECT count(*) FROM pg_database WHERE datname = 'vigia_demo-efimera' "
                + $"OR shobj_description(oid, 'pg_database') = '{database}'")
            + await CountAsync($"SELECT count(*) FROM pg_roles WHERE oid = {role}") == 0, Cancellation);
    }

    private static async Task FillAsync(IPage page, string name, string email)
    {
        await page.Locator("#ruc").FillAsync(Rucs.Next(Interlocked.Increment(ref _number)));
        await page.Locator("#razon_social").FillAsync(name);
        await page.Locator("#correo_acceso").FillAsync(email);
    }

    // With its use, once that is counted.
    private static readonly Regex NewLimit = new("^\\s*\\d+ de 12\\s*$|Hasta 12 usuarios");

    private static async Task EditAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await page.Locator("#contacto_nombre").FillAsync("Lucía Añaños");
        await page.Locator("#max_usuarios").FillAsync("12");
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await Expect(page.GetByText("Guardado: contacto, usuarios.")).ToBeVisibleAsync();
        await Expect(page.GetByText(NewLimit).First).ToBeVisibleAsync();
    }

    private static async Task SuspendAndReactivateAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Motivo").First.SelectOptionAsync("falta_de_pago");
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspender cliente" }).ClickAsync();
        await Expect(page.GetByText(new Regex("^Suspendido desde el .* por .*: Falta de pago$"))).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reactivar" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reactivar cliente" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo");
    }

    private static async Task WithdrawAndReactivateAsync(IPage page, int id)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Baja y eliminación" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dar de baja" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Motivo").First.SelectOptionAsync("fin_de_contrato");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Dar de baja" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("De baja");
        await page.GotoAsync($"{PortalUrls.Tenants}?q=ananos");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Ningún cliente coincide" })).ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.Tenant(id));
        await page.GetByRole(AriaRole.Button, new() { Name = "Reactivar" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Reactivar cliente" }).ClickAsync();
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo");
    }

    private async Task DeleteAndUndoAsync(IPage page, int id)
    {
        await OpenDeleteAsync(page, "Mover a la papelera");
        await Expect(page.GetByRole(AriaRole.Dialog)
            .GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" })).ToBeDisabledAsync();
        await page.Locator("#delete-confirm").FillAsync("farmaceutica-ananos");
        await page.Locator("#delete-reason").FillAsync("Fin de contrato");
        await page.Locator("#delete-password").FillAsync("no-es-la-de-ana");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" })
            .ClickAsync();
        await Expect(page.GetByText("La contraseña no es la suya.")).ToBeVisibleAsync();
        await ConfirmDeleteAsync(page, "farmaceutica-ananos", "Mover a la papelera");
        await Expect(page.GetByRole(
            AriaRole.Heading, new() { Name = "Farmacéutica Añaños S.A.C. está en la papelera" }))
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        Assert.Equal(0, await CountAsync(
            "SELECT count(*) FROM pg_database WHERE datname = 'vigia_farmaceutica-ananos'"));

        await page.GotoAsync($"{PortalUrls.Tenants}?q=ananos");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Ningún cliente coincide" })).ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.Tenant(id));
        await Expect(page.Locator("main").GetByRole(AriaRole.Button).First).ToHaveTextAsync("Deshacer y restaurar");
        await page.GetByRole(AriaRole.Button, new() { Name = "Deshacer y restaurar" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Restaurar" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/operaciones/"));
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Terminada", new() { Timeout = 60_000 });
        await page.GotoAsync(PortalUrls.Tenant(id));
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo", new() { Timeout = 60_000 });
        await Expect(page.GetByText(NewLimit).First).ToBeVisibleAsync();
        await AssertOnlyOwnDatabaseOpensAsync(id, "vigia_farmaceutica-ananos");
    }

    private static async Task OpenDeleteAsync(IPage page, string way)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Baja y eliminación" }).ClickAsync();
        await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = way }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Cancelar" })).ToBeFocusedAsync();
    }

    private static async Task ConfirmDeleteAsync(IPage page, string subdomain, string way)
    {
        await page.Locator("#delete-confirm").FillAsync(subdomain);
        await page.Locator("#delete-reason").FillAsync("Fin de contrato");
        await page.Locator("#delete-password").FillAsync(PortalHost.AdministratorPassword);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = way })
            .ClickAsync();
    }

    private async Task AssertOnlyOwnDatabaseOpensAsync(int id, string database)
    {
        var own = await Psql.RunAsync(
            await Host.TenantUrlAsync(id, database), "SELECT count(*) FROM users", Cancellation);
        Assert.Equal((0, "1"), (own.ExitCode, own.Output));
        var refused = await Psql.RunAsync(
            await Host.TenantUrlAsync(id, await OtherTenantAsync()), "SELECT 1", Cancellation);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("permission denied for database", refused.Error, StringComparison.Ordinal);
    }

    private async Task<string> OtherTenantAsync()
    {
        if (_other is null)
        {
            await using var scope = Host.Scope();
            var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>()
                .RegisterAsync(await Host.AdministratorAsync(), new RegisterTenant
                {
                    Ruc = Rucs.Next(Interlocked.Increment(ref _number)),
                    Subdomain = "vecino-job",
                    Details = new TenantDetails
                    {
                        LegalName = "Vecino del Job S.A.C.", AccessEmail = "v@vecino.pe",
                        Plan = "basico", Environment = "demo"
                    },
                }, Cancellation);
            await Eventually.HoldsAsync("the other tenant is ready", async () =>
                (await scope.ServiceProvider.GetRequiredService<TenantSearch>()
                    .GetAsync(await Host.AdministratorAsync(), registered.TenantId,
                    Cancellation)).View!.Row.State == TenantState.Ready, Cancellation);
            _other = "vigia_vecino-job";
        }

        return _other;
    }

    private async Task PauseAsync(bool paused)
    {
        await using var scope = Host.Scope();
        await scope.ServiceProvider.GetRequiredService<WorkerSwitch>()
            .PauseWorkersAsync(await Host.AdministratorAsync(), paused, Cancellation);
    }

    private async Task<long> CountAsync(string sql) => (long)await ScalarAsync(sql);

    private async Task<string> TextAsync(string sql) => (string)await ScalarAsync(sql);

    private async Task<object> ScalarAsync(string sql)
    {
        await using var connection =
            await PostgresServer.OpenAsync(Host.Postgres.SuperuserUrl("postgres"), Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync(Cancellation))!;
    }
}
