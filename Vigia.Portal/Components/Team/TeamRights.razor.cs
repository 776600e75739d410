using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;
using Vigia.Core.Text;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>Who held which right at a moment, by clocks in Lima: by person, role and right, read by what the roles meant then.</summary>
public sealed partial class TeamRights
{
    private IReadOnlyList<HeldRight>? _held;
    private string? _typed;
    private DateTime? _shown;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The moment; null for now.</summary>
    [Parameter]
    public DateTime? Clock { get; set; }

    [Inject]
    private RightsHistory History { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private DateTime Now => LimaTime.In(Time.GetUtcNow()).DateTime;

    // What has not happened yet nobody knows.
    private DateTime Shown => _shown ?? (Clock is { } clock && clock < Now ? clock : Now);

    private string Exact => LimaTime.Exact(LimaCalendar.At(Shown));

    private int People => _held!.Select(held => held.StaffId).Distinct().Count();

    private string File => $"{PortalUrls.TeamRightsFile}?fecha={Text(Shown)}";

    private IEnumerable<IGrouping<(Guid StaffId, string FullName, string Email, string Role), HeldRight>> Rows => _held!.GroupBy(held => (held.StaffId, held.FullName, held.Email, held.Role));

    internal static string Text(DateTime clock) => clock.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    protected override async Task OnParametersSetAsync()
    {
        _shown = null;
        (_shown, _typed) = (Shown, null);
        _held = await History.HeldAtAsync(Actor, LimaCalendar.At(Shown), Ending);
    }

    private void Show()
    {
        if (DateTime.TryParse(_typed ?? Text(Shown), CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock))
        {
            Navigation.NavigateTo(PortalUrls.TeamRights(clock));
        }
    }
}
