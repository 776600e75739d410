using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Registry.Databases;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>The page of a tenant whose database is not on the server.</summary>
public sealed class MissingDatabaseTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Page_DatabaseMissing_ExplainsAndNoticesTheRestore()
    {
        var name = PortalTenants.NewName("perdido");
        var tenant = await Host.ReadyTenantAsync(name);
        await RenameAsync($"vigia_{name}", $"fuera_{name}");
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));
        await page.GetByRole(AriaRole.Button, new() { Name = "Medir ahora" }).ClickAsync();

        var notice = page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "no está en el servidor" });
        await Expect(notice.GetByText($"pg_restore -C -d postgres vigia_{name}.dump")).ToBeVisibleAsync();
        await Expect(notice).ToContainTextAsync("regístrelo otra vez con el mismo RUC y subdominio");
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await notice.GetByRole(AriaRole.Button, new() { Name = "Ya la restauré: mirar otra vez" }).ClickAsync();
        await Expect(notice.GetByText("Sigue sin estar en el servidor.")).ToBeVisibleAsync();

        // The page of all databases names it, and counts it nowhere.
        var databases = await SignedInAsync(PortalUrls.Databases);
        await Expect(databases.GetByRole(AriaRole.Link, new() { Name = $"Cliente {name}" })).ToBeVisibleAsync();
        await Expect(databases.GetByRole(AriaRole.Row).Filter(new() { HasText = name })).ToHaveCountAsync(0);

        await notice.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Dar de baja", Exact = true })).ToBeVisibleAsync();
        await RenameAsync($"fuera_{name}", $"vigia_{name}");
        await notice.GetByRole(AriaRole.Button, new() { Name = "Ya la restauré: mirar otra vez" }).ClickAsync();
        await Expect(notice).ToHaveCountAsync(0, new() { Timeout = 15_000 });
        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Activo");
    }

    [Fact]
    public async Task Page_DatabaseRefusesThePortal_ShowsTheRemedy()
    {
        var name = PortalTenants.NewName("cerrado");
        var tenant = await Host.ReadyTenantAsync(name);
        var superuser = Host.Postgres.SuperuserUrl("postgres");
        await PostgresServer.ExecuteAsync(
            superuser, $"REVOKE CONNECT ON DATABASE \"vigia_{name}\" FROM PUBLIC, {Host.Master.Username}",
            Cancellation);
        await Host.Services.GetRequiredService<DatabaseObserver>().ObserveAsync(1, $"vigia_{name}", Cancellation);
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));

        var notice = page.GetByRole(AriaRole.Status).Filter(new() { HasText = "no tiene permiso para conectarse" });
        var statement = $"GRANT CONNECT ON DATABASE \"vigia_{name}\" TO \"{Host.Master.Username}\";";
        await Expect(notice.GetByText(statement)).ToBeVisibleAsync();
        await PostgresServer.ExecuteAsync(superuser, statement, Cancellation);
    }

    // Sessions of the portal in it would hold the name.
    private Task RenameAsync(string from, string to) => Eventually.HoldsAsync("the database is renamed", async () =>
    {
        try
        {
            await PostgresServer.ExecuteAsync(
                Host.Postgres.SuperuserUrl("postgres"), $"ALTER DATABASE \"{from}\" RENAME TO \"{to}\"", Cancellation);
            return true;
        }
        catch (Npgsql.PostgresException e) when (e.SqlState == Npgsql.PostgresErrorCodes.ObjectInUse)
        {
            return false;
        }
    }, Cancellation);
}
