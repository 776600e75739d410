using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Npgsql;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;
using Subject = Vigia.Tests.Browser.LateAnswerHost.Subject;

namespace Vigia.Tests.Browser;

/// <summary>
/// A page becomes the page of another tenant, operation or person without a full navigation. It then shows and changes
/// only the object in its address, regardless of text that was typed and of late answers.
/// </summary>
[Collection(nameof(LateAnswerHost))]
public abstract class LateAnswerTest(LateAnswerHost host, Chromium chromium) : BrowserTest(host, chromium)
{
    protected new LateAnswerHost Host => host;

    // Another test may have left answers held back, a server away, or a tenant in the list of the three subjects.
    protected sealed override async Task PrepareAsync(IBrowserContext context)
    {
        host.Answers.Restart();
        host.Answers.Release();
        host.Line.Restart();
        host.Line.Release();
        await ScalarAsync(
            $"""
            UPDATE clientes_saas SET entorno = 'demo'
            WHERE entorno = 'produccion' AND id NOT IN ({string.Join(", ", host.Tenants.Select(tenant => tenant.Id))})
            """);
    }

    protected static string Address(Subject tenant, string? section) => Address(PortalUrls.Tenants, tenant, section);

    protected static string Address(string list, Subject subject, string? section) =>
        $"{list}/{subject.Id}{(section is null ? null : $"?seccion={section}")}";

    // Production has only the three subjects when a test begins. The list remembers the neighbours while the circuit
    // lives.
    protected async Task<IPage> InListAsync()
    {
        var page = await SignedInAsync($"{PortalUrls.Tenants}?entorno=produccion");
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(host.Tenants.Count);
        return page;
    }

    protected static async Task GoAsync(IPage page, string address)
    {
        await page.EvaluateAsync("address => Blazor.navigateTo(address)", address);
        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(address) + "$"));
    }

    // The links of the previous section stay until the page is rendered for its new address.
    protected static async Task NextAsync(IPage page, Subject next, string? section)
    {
        var address = Address(next, section);
        await page.Locator($"nav.neighbours a[href='{address}']").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(address) + "$"));
    }

    // Waits until the portal waits for an answer that is held back.
    protected Task AskedAsync() =>
        Eventually.HoldsAsync("the database is asked", () => Task.FromResult(host.Answers.Waiting > 0), Cancellation);

    // Releases the answers that were held back, and waits until the circuit has answered a later question.
    protected async Task ReleaseAsync(IPage page)
    {
        host.Answers.Release();
        await Eventually.HoldsAsync(
            "nothing is held back", () => Task.FromResult(host.Answers.Waiting == 0), Cancellation);
        await RoundTripAsync(page);
    }

    protected static Task SaveAsync(IPage page) =>
        page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();

    protected static ILocator Users(IPage page) =>
        page.Locator("dt", new() { HasTextRegex = new Regex("^Usuarios$") }).Locator("+ dd");

    // Asserts that the page is complete, shows the name, and shows nothing of the others: no name, no database, no
    // operation.
    protected static async Task AssertShowsAsync(IPage page, Subject shown, IReadOnlyList<Subject> all)
    {
        await Expect(page.Locator("main")).ToContainTextAsync(shown.Name);
        await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
        // A proof of isolation correctly names the databases of others that it tried.
        const string ThisOne = """
            main => {
                const copy = main.cloneNode(true);
                copy.querySelectorAll('section:has(#isolation-title)').forEach(section => section.remove());
                return copy.outerHTML;
            }
            """;
        await Eventually.HoldsAsync($"nothing of another one than {shown.Name} is shown", async () =>
        {
            var html = await page.Locator("main").EvaluateAsync<string>(ThisOne);
            return all.Where(other => other != shown)
                .All(other => !html.Contains(other.Name, StringComparison.Ordinal));
        }, Cancellation);
    }

    protected async Task<string?> ReadAsync(Subject tenant, string column) =>
        await ScalarAsync($"SELECT {column}::text FROM clientes_saas WHERE id = {tenant.Number}") as string;

    protected async Task<long> RecordsAsync() =>
        (long)(await ScalarAsync(
            "SELECT count(*) FROM portal.audit_events WHERE action LIKE 'tenant.%' OR action LIKE 'credential.%'"))!;

    protected async Task<object?> ScalarAsync(string sql)
    {
        await using var connection =
            await PostgresServer.OpenAsync(Host.Postgres.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
