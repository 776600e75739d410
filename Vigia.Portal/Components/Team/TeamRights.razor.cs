using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// The rights that people held at a moment in Lima time, by person, role and right. Roles are read with the rights that
/// they gave at that moment.
/// </summary>
public sealed partial class TeamRights(RightsHistory history, BrowserCalls browser, TimeProvider time)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<HeldRight>? _held;
    private DayEntry _day;
    private string _time = "";
    private DateTime? _shown;
    private DateTime? _asked;
    private bool _isFilled;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The moment in Lima time. Null means now.</summary>
    [Parameter]
    public DateTime? Clock { get; set; }

    /// <summary>The people as they are now. A state of today says nothing about another day.</summary>
    [Parameter]
    public IReadOnlyList<StaffSummary> People { get; set; } = [];

    private DateTime Now => LimaTime.In(time.GetUtcNow()).DateTime;

    // A moment in the future is replaced by now, because nobody knows the rights of the future.
    private DateTime Shown => _shown ?? (Clock is { } clock && clock < Now ? clock : Now);

    private TimeOnly? Hour =>
        TimeOnly.TryParseExact(
            _time.Trim(), ["H:mm", "HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var hour)
        ? hour : null;

    private string? TimeError => Hour is null ? T["RightsTimeWrong"].Value : null;

    private string Exact => LimaTime.Exact(LimaTime.At(Shown));

    // People who can sign in get no label.
    private StaffState? StateOf(Guid id) => Clock is null
        && People.FirstOrDefault(person => person.Id == id)?.State is { } state and not StaffState.Active
            ? state : null;

    private int Holders => _held!.Select(held => held.StaffId).Distinct().Count();

    private string File => $"{PortalUrls.TeamRightsFile}?fecha={Text(Shown)}";

    private IEnumerable<IGrouping<(Guid StaffId, string FullName, string Email, string Role),
    HeldRight>> Rows => _held!.GroupBy(held => (held.StaffId, held.FullName, held.Email, held.Role));

    internal static string Text(DateTime clock) => clock.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);

    protected override async Task OnParametersSetAsync()
    {
        // Rights of another moment are not shown under this one.
        _held = _asked == Clock ? _held : null;
        var isAnother = !_isFilled || _asked != Clock;
        (_asked, _shown) = (Clock, null);
        _shown = Shown;
        if (isAnother)
        {
            // Typed text stays while the page is rendered again.
            (_day, _time, _isFilled) = (
                (DateOnly?)DateOnly.FromDateTime(Shown), Shown.ToString("HH:mm", CultureInfo.InvariantCulture), true);
        }

        await ReadAsync(_reading, Shown, (shown, until) => history.HeldAtAsync(Actor, LimaTime.At(shown), until),
            held => _held = held);
    }

    private void Show()
    {
        if (_day.Day is { } day && Hour is { } hour)
        {
            browser.GoTo(PortalUrls.TeamRights(day.ToDateTime(hour)));
        }
    }
}
