using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Text;

/// <summary>Dates in the time zone of Lima. See docs/rules.md#lima-time.</summary>
public static class LimaCalendar
{
    public static readonly TimeZoneInfo Zone = LimaClock.Zone;

    /// <summary>The last second of the day that is <paramref name="days"/> days after today in Lima.</summary>
    public static DateTimeOffset EndOfDayAfter(DateTimeOffset now, int days) => EndOf(DayOf(now).AddDays(days));

    /// <summary>The last second of a day.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => At(day.AddDays(1).ToDateTime(TimeOnly.MinValue)).AddSeconds(-1);

    /// <summary>The day in Lima at a moment.</summary>
    public static DateOnly DayOf(DateTimeOffset moment) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, Zone).Date);

    /// <summary>The moment, in UTC, at which clocks in Lima show <paramref name="clock"/>.</summary>
    public static DateTimeOffset At(DateTime clock) =>
        new DateTimeOffset(clock, Zone.GetUtcOffset(clock)).ToUniversalTime();
}
