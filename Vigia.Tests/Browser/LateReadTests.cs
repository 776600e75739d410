using Microsoft.Playwright;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// A change between the first read of a page and its first drawing is not lost, and no older answer replaces a newer
/// one. The proxy holds back every answer of the database but the notifications.
/// </summary>
public sealed class LateReadTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
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

    private static ILocator ActiveOn(IPage page) =>
        page.Locator($"main a.figure[href='{PortalUrls.TenantsWithStatus(TenantStatus.Active)}'] strong");

    private static async Task<string> ActiveOnPanelAsync(IPage page)
    {
        await GoAsync(page, PortalUrls.Panel);
        await Expect(ActiveOn(page)).ToBeVisibleAsync();
        return await ActiveOn(page).InnerTextAsync();
    }

    // Around the portal, whose own answers are held back.
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
