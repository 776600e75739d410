using System.Globalization;

namespace Vigia.Core.Foundation.Dates;

/// <summary>
/// Days and moments in the time zone of Lima, and the one place that writes them for people: 5/09/2026 18:00. English
/// has 5 Sep 2026 18:00, because readers disagree on whether 9/5 is a day in May or September. See
/// docs/rules.md#lima-time.
/// </summary>
public static class LimaTime
{
    // Ticks are kept: no name of a thing looks like this.
    private const string Stored = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("America/Lima");

    /// <summary>The moment as clocks in Lima show it.</summary>
    public static DateTimeOffset In(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, Zone);

    /// <summary>The moment, in UTC, at which clocks in Lima show <paramref name="clock"/>.</summary>
    public static DateTimeOffset At(DateTime clock) =>
        new DateTimeOffset(clock, Zone.GetUtcOffset(clock)).ToUniversalTime();

    /// <summary>The day in Lima at a moment.</summary>
    public static DateOnly DayOf(DateTimeOffset moment) => DateOnly.FromDateTime(In(moment).Date);

    /// <summary>The last second of a day.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => At(day.AddDays(1).ToDateTime(TimeOnly.MinValue)).AddSeconds(-1);

    /// <summary>The last second of the day that is <paramref name="days"/> days after today in Lima.</summary>
    public static DateTimeOffset EndOfDayAfter(DateTimeOffset now, int days) => EndOf(DayOf(now).AddDays(days));

    /// <summary>A day in the reader's language.</summary>
    /// <param name="culture">Null for the culture of the page or request.</param>
    public static string Date(DateOnly day, CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        return day.ToString(culture.TwoLetterISOLanguageName == "es" ? "d'/'MM'/'yyyy" : "d MMM yyyy", culture);
    }

    /// <summary>The day in Lima at a moment, in the reader's language.</summary>
    public static string Date(DateTimeOffset moment, CultureInfo? culture = null) => Date(DayOf(moment), culture);

    /// <summary>A moment in the reader's language, to the minute.</summary>
    public static string Exact(DateTimeOffset moment, CultureInfo? culture = null) =>
        $"{Date(moment, culture)} {In(moment).ToString("HH:mm", CultureInfo.InvariantCulture)}";

    /// <summary>A moment as an argument of a message, which writes it in the reader's language.</summary>
    public static string Argument(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString(Stored, CultureInfo.InvariantCulture);

    /// <summary>The moment that <see cref="Argument"/> made a text of; null for any other text.</summary>
    internal static DateTimeOffset? Read(string argument) => DateTimeOffset.TryParseExact(
        argument, Stored, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
}
