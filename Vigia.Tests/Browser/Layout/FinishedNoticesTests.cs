using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Layout;

/// <summary>
/// Operations that ended while a person was on another page or away are reported once. Tenants in the trash are found.
/// </summary>
public sealed class FinishedNoticesTests(FinishedNoticesTests.Own host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<FinishedNoticesTests.Own>
{
    [Fact]
    public async Task Notice_OperationEndsWhileOnAnotherPage_LinksToIt()
    {
        var name = PortalTenants.NewName("avisado");
        var page = await SignedInAsync();
        await Expect(Notes(page)).ToHaveCountAsync(0);
        await ToldIsKeptAsync(page);

        var (_, operation) = await Host.RegisterAsync(name);

        await OpenBellAsync(page);
        await Expect(Bell(page)).ToContainTextAsync($"Crear base de datos · Cliente {name}: Terminada");
        await AssertAccessibleAsync(page);
        await Bell(page).GetByRole(AriaRole.Link, new() { Name = "Ver" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(operation!.Value.ToString()));
        await page.GotoAsync(PortalUrls.Tenants);
        await DrawnAsync(page);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = $"Cliente {name}" })).ToBeVisibleAsync();
        await Expect(Notes(page)).ToHaveCountAsync(0);
    }

    // The end of an operation has the time at which its transaction began, and a lock may delay its commit.
    [Fact]
    public async Task Notice_OperationThatEndedEarlierAppearsLater_IsShownToo()
    {
        var name = PortalTenants.NewName("tardio");
        var page = await SignedInAsync();
        await ToldIsKeptAsync(page);
        var (_, operation) = await Host.RegisterAsync(name);
        await OpenBellAsync(page);
        await Expect(Bell(page)).ToContainTextAsync($"Crear base de datos · Cliente {name}: Terminada");

        await PostgresServer.ExecuteAsync(
            Host.Postgres.SuperuserUrl(Host.Master.Database),
            $"""
            INSERT INTO portal.operations (
                id, kind, state, server_id, requested_by, requested_by_name, data, priority, attempt, crashes, epoch,
                progress, created_at, finished_at)
            SELECT gen_random_uuid(), 'prove_isolation_all', 'failed', 1, requested_by, requested_by_name, '{"{}"}', 0,
                1, 0, 1, 0, created_at, finished_at - interval '100 milliseconds'
            FROM portal.operations WHERE id = '{operation}'
            """, Cancellation);

        await Expect(Bell(page)).ToContainTextAsync(": Fall");
    }

    [Fact]
    public async Task Notice_OperationEndsWhileSignedOut_IsShownOnReturn()
    {
        var page = await SignedInAsync();
        await ToldIsKeptAsync(page);
        await page.GotoAsync("about:blank");
        var names = Enumerable.Range(0, 4).Select(_ => PortalTenants.NewName("ausente")).ToList();
        await Host.ReadyTenantAsync(names[0]);

        await page.GotoAsync(PortalUrls.Tenants);
        await OpenBellAsync(page);
        await Expect(Bell(page)).ToContainTextAsync(names[0]);
        await page.GotoAsync("about:blank");
        foreach (var name in names)
        {
            await Host.ReadyTenantAsync($"{name}-2");
        }

        await page.GotoAsync(PortalUrls.Tenants);
        await OpenBellAsync(page);
        await Expect(Bell(page)).ToContainTextAsync("4 operaciones que usted pidió han terminado");
    }

    [Fact]
    public async Task Search_WithdrawnAndTrashedTenants_AreFound()
    {
        var (trashed, withdrawn) = (PortalTenants.NewName("hallado-t"), PortalTenants.NewName("hallado-b"));
        var id = await Host.TrashedTenantAsync(trashed);
        var (other, _) = await Host.RegisterAsync(withdrawn, provision: false);
        await using (var scope = Host.Scope())
        {
            await scope.ServiceProvider.GetRequiredService<TenantActivation>()
                .WithdrawAsync(await Host.AdministratorAsync(), other, "fin_de_contrato", null, Cancellation);
        }

        var page = await SignedInAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.Locator("#global-search").FillAsync("HALLADO");
        var hits = page.Locator(".search-results li");
        await Expect(hits).ToHaveCountAsync(2);
        await Expect(hits.Nth(0)).ToContainTextAsync("De baja");
        await Expect(hits.Nth(1)).ToContainTextAsync("En papelera");
        await AssertAccessibleAsync(page);
        await hits.Nth(1).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex($"{PortalUrls.Tenant(id)}$"));
        await Expect(page.Locator("h1")).ToContainTextAsync(trashed);
    }

    // A success goes by itself after six seconds. The bell keeps it.
    private static ILocator Bell(IPage page) => page.Locator("#notice-list");

    private static async Task OpenBellAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Avisos: ") }).ClickAsync();
        await Expect(Bell(page)).ToBeVisibleAsync();
    }

    private static ILocator Notes(IPage page) => page.Locator(".mud-snackbar");

    private static Task ToldIsKeptAsync(IPage page) =>
        HoldsAsync(page, "localStorage.getItem('vigia:told-until') !== null");

    public sealed class Own(PostgresServer server) : PortalHost(server);
}
