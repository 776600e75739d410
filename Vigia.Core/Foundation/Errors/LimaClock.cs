using System.Globalization;

namespace Vigia.Core.Foundation.Errors;

/// <summary>
/// The one place that writes days and moments for people, in the time of Lima: 5/09/2026 18:00. English has 5 Sep 2026
/// 18:00, because readers disagree on whether 9/5 is a day in May or September. See docs/rules.md#lima-time.
/// </summary>
public static class LimaClock
{
    // Ticks are kept: no name of a thing looks like this.
    private const string Stored = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("America/Lima");

    /// <summary>A day in the reader's language.</summary>
    public static string Day(DateOnly day, CultureInfo culture) =>
        day.ToString(culture.TwoLetterISOLanguageName == "es" ? "d'/'MM'/'yyyy" : "d MMM yyyy", culture);

    /// <summary>The day in Lima at a moment, in the reader's language.</summary>
    public static string Day(DateTimeOffset moment, CultureInfo culture) =>
        Day(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(moment, Zone).DateTime), culture);

    /// <summary>A moment in the reader's language, to the minute.</summary>
    public static string Exact(DateTimeOffset moment, CultureInfo culture)
    {
        var clock = TimeZoneInfo.ConvertTime(moment, Zone).ToString("HH:mm", CultureInfo.InvariantCulture);
        return $"{Day(moment, culture)} {clock}";
    }

    /// <summary>A moment as an argument of a <see cref="Message"/>, which writes it in the reader's language.</summary>
    public static string Argument(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString(Stored, CultureInfo.InvariantCulture);

    /// <summary>The moment that <see cref="Argument"/> made a text of; null for any other text.</summary>
    internal static DateTimeOffset? Read(string argument) => DateTimeOffset.TryParseExact(
        argument, Stored, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
}
