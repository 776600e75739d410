namespace Vigia.Core.Text;

/// <summary>Dates as Peru counts them: UTC−5, no daylight saving; a date as a limit means the end of that day in Lima (facts 7.21).</summary>
public static class LimaCalendar
{
    public static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("America/Lima");

    /// <summary>The last instant of the day that is <paramref name="days"/> days after today in Lima.</summary>
    public static DateTimeOffset EndOfDayAfter(DateTimeOffset now, int days)
    {
        var midnight = TimeZoneInfo.ConvertTime(now, Zone).Date.AddDays(days + 1);
        return new DateTimeOffset(midnight, Zone.GetUtcOffset(midnight)).ToUniversalTime().AddSeconds(-1);
    }
}
