using System.Globalization;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Feed;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Who works here, in which state, with which roles; and who held which right on a date. Values change in place; people come and go in the list
/// only while nobody's hand is in it.
/// </summary>
public sealed partial class TeamPage
{
    private IReadOnlyList<StaffSummary>? _people;
    private Actor? _actor;
    private int _changes;
    private bool _hand;

    [SupplyParameterFromQuery(Name = "seccion")]
    private string? Section { get; set; }

    [SupplyParameterFromQuery(Name = "estado")]
    private string? State { get; set; }

    [SupplyParameterFromQuery(Name = "fecha")]
    private string? At { get; set; }

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private StaffDirectory Directory { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool ShowsRights => Section == "derechos";

    private StaffState? Only => Enum.TryParse<StaffState>(State, ignoreCase: true, out var state) && Enum.IsDefined(state) ? state : null;

    private DateTime? Clock => DateTime.TryParseExact(At, "yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock) ? clock : null;

    private IEnumerable<(StaffState State, int Count)> Counts => _people!.GroupBy(p => p.State).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));

    private IReadOnlyList<StaffSummary> Shown => Only is { } state ? [.. _people!.Where(p => p.State == state)] : _people!;

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        Watch(ChangeTopic.Staff, _ => ShowChangesAsync());
        await ReloadAsync();
    }

#pragma warning disable CA1308 // Addresses are in lower case.
    private static string AddressOf(StaffState state) => $"{PortalUrls.Team}?estado={state.ToString().ToLowerInvariant()}";
#pragma warning restore CA1308

    private async Task ReloadAsync() => (_people, _changes) = (await Directory.ListAsync(_actor!, Ending), 0);

    private async Task ShowChangesAsync()
    {
        if (_people is null || (!_hand && !Page.IsDialogOpen))
        {
            await ReloadAsync();
            return;
        }

        var now = (await Directory.ListAsync(_actor!, Ending)).ToDictionary(p => p.Id);
        _changes = now.Values.Count(p => Only is null || p.State == Only) - Shown.Count is var more && more != 0 ? Math.Abs(more) : 0;
        if (Only is null)
        {
            _people = [.. _people.Select(p => now.GetValueOrDefault(p.Id, p))];
        }
    }

    private async Task InviteAsync()
    {
        if (await Page.AskAsync<InviteDialog, StaffLink>(new DialogParameters<InviteDialog> { { d => d.Actor, _actor! } }) is { } link)
        {
            Page.Say(T["Invited", link.FullName]);
            await ReloadAsync();
        }
    }
}
