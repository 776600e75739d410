using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using MudBlazor;
using Vigia.Core.Foundation.Dates;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The calendar of <see cref="DateField"/>: MudBlazor's date picker behind a button, without its text field. On the
/// button, Enter, Space or an arrow key opens it; arrows move, Shift with an arrow changes month or year, Enter
/// chooses, Esc closes.
/// </summary>
public sealed partial class DayCalendar
{
    private ElementReference _button;

    // The focus stays on the button, so a screen reader would not hear to which day an arrow has moved.
    private string? Highlighted => Open ? HighlightedDate?.ToString("D", GetCulture()) : null;

    public override ValueTask FocusAsync() => _button.FocusAsync();

    protected override void OnInitialized()
    {
        // The calendar marks today. That is today in Lima, not on the server.
        TimeProvider = new LimaClock(TimeProvider);
        ShowToolbar = false;
        AutoClose = true;
        AnchorOrigin = Origin.BottomRight;
        TransformOrigin = Origin.TopRight;
        base.OnInitialized();
    }

    private async Task OnCalendarKeyAsync(KeyboardEventArgs pressed)
    {
        if (pressed.Key == "Escape")
        {
            await CloseAsync(submit: false);
            await FocusAsync();
        }
    }

    private sealed class LimaClock(TimeProvider clock) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => LimaTime.Zone;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            clock.CreateTimer(callback, state, dueTime, period);
    }
}
