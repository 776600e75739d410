using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Adoption;

/// <summary>
/// The tenants of the product's that are not adopted, with a look at all their databases and the adoption of all, and
/// the rows of the registry that break a rule.
/// </summary>
// More than five dependencies: two lists, the look at each database, and the way to the operation.
public sealed partial class FleetSection(
    PageFeed feed, FleetAdoption fleet, AdoptionService adoption, RegistryCorrections corrections,
    PageDialogs dialogs, BrowserCalls browser)
    : LiveComponent(feed)
{
    private const int Shown = 100;

    private readonly LatestRead _reading = new();
    private readonly Dictionary<int, AdoptionReport> _reports = [];
    private IReadOnlyList<FleetMember>? _tenants;
    private IReadOnlyList<RowToCorrect> _corrections = [];
    private bool _looking;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private IReadOnlyList<(string Database, string Statement)> Statements =>
    [
        .. _reports.Values.SelectMany(r => r.OwnerStatements.Select(s => (r.DatabaseName, s))).DistinctBy(s => s.s),
    ];

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Tenants, ReadAsync);

    private static string Count(int number) => number.ToString(CultureInfo.InvariantCulture);

    private string Verdict(AdoptionReport report) => report switch
    {
        { Obstacles: [var first, ..] } => first.Render(),
        { OwnerStatements.Count: > 0 } => T["NeedsOwner"],
        _ => T["ReportReady"],
    };

    private Task ReadAsync() => ReadAsync(_reading, "fleet", async (_, until) =>
        (await fleet.ListAsync(Actor, until), await corrections.ListAsync(Actor, until)),
        found => (_tenants, _corrections) = found);

    private async Task LookAsync()
    {
        _looking = true;
        try
        {
            foreach (var id in _tenants!.Select(t => t.TenantId).ToList())
            {
                await LookAsync(id);
                StateHasChanged();
            }
        }
        finally
        {
            _looking = false;
        }
    }

    private async Task LookAsync(int id)
    {
        try
        {
            _reports[id] = await WhileHereAsync(adoption.InspectTenantAsync(Actor, id, Ending));
        }
        catch (RuleException)
        {
            // Adopted or deleted since it was listed: the list follows.
        }
        catch (Exception e) when (TransientFailures.IsServerUnavailable(e) && !IsGone)
        {
            // The look at this database failed in the middle. The next ones may still tell something.
            _reports[id] = new AdoptionReport
            {
                DatabaseName = _tenants!.First(t => t.TenantId == id).DatabaseName,
                Obstacles = [FailurePolicy.Describe(e)],
            };
        }
    }

    private async Task AdoptAsync()
    {
        var operation = await dialogs.AskAsync<FleetDialog, Guid>(new DialogParameters<FleetDialog>
        {
            { dialog => dialog.Tenants, _tenants! }, { dialog => dialog.Actor, Actor },
        });
        if (operation != Guid.Empty)
        {
            browser.GoTo(PortalUrls.Operation(operation));
        }
    }
}
