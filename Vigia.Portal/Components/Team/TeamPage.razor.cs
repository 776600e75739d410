using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// The list of staff with states and roles, and the rights that people held on a date. Values are updated in place.
/// Rows are added and removed only while the pointer and the focus are outside the list.
/// </summary>
public sealed partial class TeamPage(
    PageFeed feed, StaffSession session, StaffDirectory directory, PageDialogs dialogs, PageNotices notices)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<StaffSummary>? _people;
    private Actor? _actor;
    private int _changes;
    private bool _inUse;

    [SupplyParameterFromQuery(Name = "seccion")]
    private string? Section { get; set; }

    [SupplyParameterFromQuery(Name = "estado")]
    private string? State { get; set; }

    [SupplyParameterFromQuery(Name = "fecha")]
    private string? At { get; set; }

    private bool ShowsRights => Section == "derechos";

    private StaffState? Only =>
        Enum.TryParse<StaffState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;

    private DateTime? Clock =>
        DateTime.TryParseExact(
        At, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) ? clock : null;

    private IEnumerable<(StaffState State, int Count)> Counts =>
        _people!.GroupBy(p => p.State).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));

    private IReadOnlyList<StaffSummary> Shown =>
        Only is { } state ? [.. _people!.Where(p => p.State == state)] : _people!;

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowAsync(ChangeTopic.Staff, ShowChangesAsync);
    }

#pragma warning disable CA1308 // Addresses are in lower case.
    private static string AddressOf(StaffState state) =>
        $"{PortalUrls.Team}?estado={state.ToString().ToLowerInvariant()}";
#pragma warning restore CA1308

    private Task ReloadAsync() => ReadAsync(
        _reading, until => directory.ListAsync(_actor!, until), people => (_people, _changes) = (people, 0));

    private Task ShowChangesAsync() => ReadAsync(
        _reading, until => directory.ListAsync(_actor!, until),
        people =>
        {
            if (_people is null || (!_inUse && !dialogs.IsOpen))
            {
                (_people, _changes) = (people, 0);
            }
            else
            {
                KeepRows(people);
            }
        });

    private void KeepRows(IReadOnlyList<StaffSummary> people)
    {
        var now = people.ToDictionary(p => p.Id);
        _changes = now.Values.Count(p => Only is null || p.State == Only) - Shown.Count is var more
            && more != 0 ? Math.Abs(more) : 0;
        if (Only is null)
        {
            _people = [.. _people!.Select(p => now.GetValueOrDefault(p.Id, p))];
        }
    }

    private async Task InviteAsync()
    {
        if (await dialogs.AskAsync<InviteDialog,
            StaffOutcome>(new DialogParameters<InviteDialog> { { d => d.Actor, _actor! } }) is { } outcome)
        {
            notices.Say(TeamWords.Said(outcome, T["Invited", outcome.Link?.FullName ?? ""], T));
            await ReloadAsync();
        }
    }
}
