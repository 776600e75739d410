using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// A change between the first read of a page and its first drawing is not lost, and no older answer replaces a newer
/// one. The proxy holds back every answer of the database but the notifications.
/// </summary>
public sealed partial class LateReadTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    [Fact]
    public async Task List_RowChangesBeforeTheFirstPageIsThere_ShowsTheChange()
    {
        var tenant = Host.Tenants[1];
        var page = await InListAsync();
        await GoAsync(page, PortalUrls.Audit);
        await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
        Host.Answers.HoldAnswersExceptListener();
        await GoAsync(page, $"{PortalUrls.Tenants}?q={tenant.Name}");
        var (row, isActive) = (page.Locator(".table tbody tr"), true);

        // The database answers one statement at a time, and the row changes after each, until the list is drawn.
        while (true)
        {
            await Eventually.HoldsAsync(
                "the database is asked or the list is drawn",
                async () => Host.Answers.Waiting > 0 || await row.CountAsync() > 0, Cancellation);
            if (await row.CountAsync() > 0)
            {
                break;
            }

            isActive = !isActive;
            await SetActiveAsync(tenant, isActive);
            Host.Answers.LetThrough();
        }

        await ReleaseAsync(page);

        await Expect(row).ToContainTextAsync(isActive ? "Activo" : "Suspendido");
        await SetActiveAsync(tenant, true);
        await Expect(row).ToContainTextAsync("Activo");
    }

    [Fact]
    public async Task Operation_EndsBeforeItsPageIsRendered_IsShownAsEnded()
    {
        var id = Guid.Parse(Host.Operations[2].Id);
        var page = await InListAsync();
        await SetStateAsync(id, OperationState.Running);
        Host.Answers.HoldAnswersExceptListener();
        await GoAsync(page, PortalUrls.Operation(id));
        await AskedAsync();
        Host.Answers.HoldNoMore();
        await SetStateAsync(id, OperationState.Succeeded);

        await ReleaseAsync(page);

        await Expect(page.Locator("main .page-header")).ToContainTextAsync("Terminada");
    }

    [Fact]
    public async Task Panel_TenantChangesBeforeItIsRendered_CountsIt()
    {
        var page = await InListAsync();
        var before = await ActiveOnPanelAsync(page);
        await GoAsync(page, PortalUrls.Audit);
        await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
        Host.Answers.HoldAnswersExceptListener();
        await GoAsync(page, PortalUrls.Panel);
        await AskedAsync();
        Host.Answers.HoldNoMore();
        await SetActiveAsync(Host.Tenants[0], false);

        await ReleaseAsync(page);

        await Expect(ActiveOn(page)).Not.ToHaveTextAsync(before);
        await SetActiveAsync(Host.Tenants[0], true);
        await Expect(ActiveOn(page)).ToHaveTextAsync(before);
    }

    [Fact]
    public async Task OperationPage_ItsTenantChangesBeforeItIsDrawn_ShowsTheChange()
    {
        var tenant = Host.Tenants[2];
        var page = await InListAsync();
        var header = page.Locator("main .page-header a", new() { HasText = "Renombrado" });

        var last = await UntilDrawnAsync(
            page, PortalUrls.Operation(Guid.Parse(Host.Operations[2].Id)),
            page.Locator("main .page-header a.back-link"),
            number => RenameAsync(tenant, $"Renombrado {number} {tenant.Name}"));

        await Expect(header).ToContainTextAsync($"Renombrado {last} ");
        await RenameAsync(tenant, tenant.Name);
    }

    [Fact]
    public async Task Trail_RecordComesWhileAnotherFilterIsRead_IsShownOrCounted()
    {
        await using var scope = Host.Scope();
        var history = scope.ServiceProvider.GetRequiredService<RightsHistory>();
        var actor = await Host.AdministratorAsync();
        await history.ExportAtAsync(actor, DateTimeOffset.UtcNow, Cancellation);
        var action = (string)(await ScalarAsync("SELECT action FROM portal.audit_events ORDER BY seq DESC LIMIT 1"))!;
        var page = await SignedInAsync(PortalUrls.Audit);
        var note = page.Locator("main .list-note");
        var (isDrawn, all) = (false, 1L);

        // The record comes after the first statement of the page, then after the second, and so on.
        for (var statements = 0; !isDrawn; statements++)
        {
            await GoAsync(page, PortalUrls.Audit);
            await Expect(note).ToHaveTextAsync(new Regex("^\\s*[0-9]{2,} registros"));
            Host.Answers.HoldAnswersExceptListener();
            await GoAsync(page, $"{PortalUrls.Audit}?accion={action}");
            for (var answered = 0; answered < statements && !isDrawn; answered++)
            {
                await AskedAsync();
                Host.Answers.LetThrough();
                await Eventually.HoldsAsync(
                    "the database is asked again or the page is drawn",
                    async () => Host.Answers.Waiting > 0
                        || (isDrawn = (await note.InnerTextAsync()).StartsWith($"{all} registro", IsText)),
                    Cancellation);
            }

            Host.Answers.HoldNoMore();
            await history.ExportAtAsync(actor, DateTimeOffset.UtcNow, Cancellation);
            await ReleaseAsync(page);

            all = (long)(await ScalarAsync($"SELECT count(*) FROM portal.audit_events WHERE action = '{action}'"))!;
            await Eventually.HoldsAsync(
                $"all {all} records are shown or counted, after {statements} statements",
                async () => Numbers().Matches(await note.InnerTextAsync())
                    .Sum(number => int.Parse(number.Groups[1].Value, CultureInfo.InvariantCulture)) == all,
                Cancellation);
        }
    }

    private const StringComparison IsText = StringComparison.Ordinal;

    [GeneratedRegex(@"(\d+) (?:registro|cambio)")]
    private static partial Regex Numbers();

    private static ILocator ActiveOn(IPage page) =>
        page.Locator($"main a.figure[href='{PortalUrls.TenantsWithStatus(TenantStatus.Active)}'] strong");

    private static async Task<string> ActiveOnPanelAsync(IPage page)
    {
        await GoAsync(page, PortalUrls.Panel);
        await Expect(ActiveOn(page)).ToBeVisibleAsync();
        return await ActiveOn(page).InnerTextAsync();
    }

    // Opens an address, and lets the database answer one statement at a time with a change after each, until the
    // element is there. Returns the number of the last change.
    private async Task<int> UntilDrawnAsync(IPage page, string address, ILocator drawn, Func<int, Task> changeAsync)
    {
        Host.Answers.HoldAnswersExceptListener();
        await GoAsync(page, address);
        for (var number = 0; ; number++)
        {
            await Eventually.HoldsAsync(
                "the database is asked or the page is drawn",
                async () => Host.Answers.Waiting > 0 || await drawn.CountAsync() > 0, Cancellation);
            if (await drawn.CountAsync() > 0)
            {
                await ReleaseAsync(page);
                return number;
            }

            await changeAsync(number + 1);
            Host.Answers.LetThrough();
        }
    }

    // Around the portal, whose own answers are held back.
    private Task<object?> RenameAsync(LateAnswerHost.Subject tenant, string name) =>
        ScalarAsync($"UPDATE clientes_saas SET razon_social = '{name}' WHERE id = {tenant.Number}");

    private Task SetActiveAsync(LateAnswerHost.Subject tenant, bool isActive) => PostgresServer.ExecuteAsync(
        Host.Postgres.SuperuserUrl(Host.Master.Database),
        $"UPDATE clientes_saas SET is_active = {isActive} WHERE id = {tenant.Number}", Cancellation);

    private Task SetStateAsync(Guid id, OperationState state) => PostgresServer.ExecuteAsync(
        Host.Postgres.SuperuserUrl(Host.Master.Database),
        $"""
        UPDATE portal.operations SET state = '{(state == OperationState.Running ? "running" : "succeeded")}',
            lease_until = CASE WHEN {state == OperationState.Running} THEN now() + interval '1 hour' END
        WHERE id = '{id}'
        """,
        Cancellation);
}
