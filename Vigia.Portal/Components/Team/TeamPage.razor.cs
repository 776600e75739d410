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
/// Rows are added and removed only while the pointer and the focus are outside the list. Otherwise a pill shows how
/// many changes wait.
/// </summary>
public sealed partial class TeamPage(
    PageFeed feed, StaffSession session, StaffDirectory directory, PageDialogs dialogs, PageNotices notices)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private readonly LiveRows _rows = new();
    private IReadOnlyList<StaffSummary>? _people;
    private IReadOnlyList<StaffSummary> _shown = [];
    private StaffState? _shownOnly;
    private Actor? _actor;
    private bool _inUse;

    [SupplyParameterFromQuery(Name = "seccion")]
    private string? Section { get; set; }

    [SupplyParameterFromQuery(Name = "estado")]
    private string? State { get; set; }

    [SupplyParameterFromQuery(Name = "fecha")]
    private string? At { get; set; }

    // Addresses of earlier builds say "derechos".
    private bool ShowsRights => Section is "permisos" or "derechos";

    private StaffState? Only =>
        Enum.TryParse<StaffState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;

    private DateTime? Clock =>
        DateTime.TryParseExact(
        At, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) ? clock : null;

    private IEnumerable<(StaffState State, int Count)> Counts =>
        _people!.GroupBy(p => p.State).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));

    // Rows neither move nor appear nor disappear while the person uses the list.
    private bool IsHeld => _people is not null && Only == _shownOnly && (_inUse || dialogs.IsOpen);

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowAsync(new ChangeInterest(ChangeTopic.Staff) { Urgency = _rows.UrgencyOf }, _ => ReadChangedAsync());
    }

    protected override void OnParametersSet()
    {
        if (_people is { } people && Only != _shownOnly)
        {
            Show(people);
        }
    }

#pragma warning disable CA1308 // Addresses are in lower case.
    private static string AddressOf(StaffState state) =>
        $"{PortalUrls.Team}?estado={state.ToString().ToLowerInvariant()}";
#pragma warning restore CA1308

    private static List<StaffSummary> In(StaffState? only, IReadOnlyList<StaffSummary> people) =>
        [.. people.Where(p => only is null || p.State == only)];

    private Task ReloadAsync() => ReadAsync(_reading, until => directory.ListAsync(_actor!, until), Show);

    private void Show(IReadOnlyList<StaffSummary> people)
    {
        (_people, _shown, _shownOnly) = (people, In(Only, people), Only);
        _rows.Show(_shown.Select(person => person.Id));
    }

    // Pages that show the same read it together.
    private Task ReadChangedAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("staff:list", null, ChangeTopic.Staff) { AtMostEvery = Feed.Pace },
            reading => directory.ListAsync(_actor!, reading), until),
        people =>
        {
            if (!IsHeld)
            {
                Show(people);
                return;
            }

            var now = people.ToDictionary(person => person.Id);
            _rows.Compare(In(Only, people).Select(person => person.Id));
            (_people, _shown) = (people, [.. _shown.Select(person => now.GetValueOrDefault(person.Id, person))]);
        });

    private async Task InviteAsync()
    {
        if (await dialogs.AskAsync<InviteDialog, StaffOutcome>(
            new DialogParameters<InviteDialog> { { d => d.Actor, _actor! } }) is { } outcome)
        {
            notices.Say(TeamWords.OutcomeText(outcome, T["Invited", outcome.Link?.FullName ?? ""], T));
            await ReloadAsync();
        }
    }
}
