using MudBlazor;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// The first of the product's tenants that are not adopted, live, with a look at all their databases and the adoption
/// of all. Rows do not move while the pointer or the focus is in the list.
/// </summary>
public sealed partial class FleetSection(
    PageFeed feed, FleetList fleet, AdoptionService adoption, PageDialogs dialogs, BrowserCalls browser)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private readonly LiveRows _rows = new();

    // Only what is shown: a fleet has thousands of databases, and a report has hundreds of lines.
    private readonly Dictionary<int, string> _verdicts = [];
    private readonly Dictionary<string, string> _statements = [];
    private FleetPage? _page;
    private (int Over, int Total)? _looking;
    private bool _inUse;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowAsync(
        new ChangeInterest(ChangeTopic.Tenants) { Urgency = _rows.UrgencyOf, IsSpread = true }, _ => ReadNowAsync());

    private Task ReloadAsync() => ReadAsync(_reading, until => fleet.ReadFirstAsync(Actor, until), Show);

    private void Show(FleetPage page)
    {
        _page = page;
        _rows.Show(page.Items.Select(tenant => tenant.TenantId));
        var shown = page.Items.Select(tenant => tenant.TenantId).ToHashSet();
        foreach (var gone in _verdicts.Keys.Where(id => !shown.Contains(id)).ToList())
        {
            _verdicts.Remove(gone);
        }
    }

    // Pages that show the same read it together.
    private Task ReadNowAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            Actor, new SharedQuestion("adoption:fleet", null, ChangeTopic.Tenants) { AtMostEvery = Feed.Pace },
            reading => fleet.ReadFirstAsync(Actor, reading), until),
        page =>
        {
            if (_page is null || (!_inUse && !dialogs.IsOpen))
            {
                Show(page);
                return;
            }

            var now = page.Items.ToDictionary(tenant => tenant.TenantId);
            _rows.Compare(now.Keys);
            _page = page with
            {
                Items = [.. _page.Items.Select(tenant => now.GetValueOrDefault(tenant.TenantId, tenant))],
            };
        });

    private string Verdict(AdoptionReport report) => report switch
    {
        { Obstacles: [var first, ..] } => first.Render(),
        { OwnerStatements.Count: > 0 } => T["NeedsOwner"],
        _ => T["ReportReady"],
    };

    private async Task LookAsync()
    {
        var tenants = (await WhileHereAsync(fleet.PlanAsync(Actor, Ending))).Tenants;
        _verdicts.Clear();
        _statements.Clear();
        try
        {
            for (var over = 0; over < tenants.Count; over++)
            {
                _looking = (over, tenants.Count);
                StateHasChanged();
                await LookAsync(tenants[over].TenantId);
            }
        }
        finally
        {
            _looking = null;
        }
    }

    private async Task LookAsync(int id)
    {
        try
        {
            var report = await WhileHereAsync(adoption.InspectTenantAsync(Actor, id, Ending));
            foreach (var statement in report.OwnerStatements)
            {
                _statements.TryAdd(statement, report.DatabaseName);
            }

            Note(id, Verdict(report));
        }
        catch (RuleException gone) when (gone is NotFoundException || gone.Reason.Code == "already_managed")
        {
            // Adopted or deleted since it was listed: the list follows.
        }
        catch (RuleException refusal) when (refusal.Reason.Code != "adoption_off")
        {
            Note(id, refusal.Reason.Render());
        }
        catch (Exception e) when (TransientFailures.IsServerUnavailable(e) && !IsGone)
        {
            // The inspection of this database failed in the middle. The others may still work.
            Note(id, FailurePolicy.Describe(e).Render());
        }
    }

    private void Note(int id, string verdict)
    {
        if (_page!.Items.Any(tenant => tenant.TenantId == id))
        {
            _verdicts[id] = verdict;
        }
    }

    private async Task AdoptAsync()
    {
        var plan = await WhileHereAsync(fleet.PlanAsync(Actor, Ending));
        if (plan.Tenants.Count == 0)
        {
            await ReloadAsync();
            return;
        }

        if (plan.Tenants.Count > BulkQuestion.MostUntyped && await dialogs.ConfirmAsync(BulkQuestion.About(
            new ConfirmRequest(T["AdoptAllTitle", plan.Tenants.Count], T["AdoptAllEffect"], T["AdoptAllGoOn"]),
            plan.Tenants.Count, newDatabases: 0, plan.Cost, Shared)) is null)
        {
            return;
        }

        var operation = await dialogs.AskAsync<FleetDialog, Guid>(new DialogParameters<FleetDialog>
        {
            { dialog => dialog.Plan, plan }, { dialog => dialog.Actor, Actor },
        });
        if (operation != Guid.Empty)
        {
            browser.GoTo(PortalUrls.Operation(operation));
        }
    }
}
