using System.Globalization;
using Microsoft.Extensions.Localization;
using Vigia.Core.Foundation.Dates;

namespace Vigia.Portal.Components.Shared;

/// <summary>Writes durations and distances in time in the reader's language.</summary>
public static class TimeWords
{
    /// <summary>
    /// "hace 3 min", "ayer a las 18:00", "en 4 días". A date when the moment is more than a month away.
    /// </summary>
    public static string Relative(DateTimeOffset moment, DateTimeOffset now, IStringLocalizer<SharedText> t)
    {
        var past = moment <= now;
        var span = past ? now - moment : moment - now;
        var days = Math.Abs((LimaTime.In(now).Date - LimaTime.In(moment).Date).Days);
        var hour = LimaTime.In(moment).ToString("HH:mm", CultureInfo.InvariantCulture);
        return span switch
        {
            { TotalSeconds: < 45 } => t[past ? "JustNow" : "InAMoment"],
            { TotalMinutes: < 59.5 } =>
                t[past ? "MinutesAgo" : "InMinutes", Math.Max(1, (int)Math.Round(span.TotalMinutes))],
            _ when days == 0 || span.TotalHours < 6 =>
                t[past ? "HoursAgo" : "InHours", (int)Math.Round(span.TotalHours)],
            _ when days == 1 => t[past ? "YesterdayAt" : "TomorrowAt", hour],
            _ when days <= 30 => t[past ? "DaysAgo" : "InDays", days],
            _ => LimaTime.Date(moment),
        };
    }

    /// <summary>An estimated duration, at least a second, without the exactness that it does not have.</summary>
    public static string About(TimeSpan span, IStringLocalizer<SharedText> t) => t["About", span switch
    {
        { TotalSeconds: < 90 } => t["Duration_s", Math.Max(1, Math.Round(span.TotalSeconds))].Value,
        { TotalMinutes: < 90 } => t["AboutMinutes", Math.Round(span.TotalMinutes)].Value,
        _ => t["Duration_h", (int)span.TotalHours, span.Minutes].Value,
    }];

    /// <summary>A duration in its two largest units.</summary>
    public static string Duration(TimeSpan span, IStringLocalizer<SharedText> t) => span switch
    {
        { TotalSeconds: < 1 } => t["Duration_ms", (int)span.TotalMilliseconds],
        { TotalMinutes: < 1 } => t["Duration_s", span.TotalSeconds.ToString("0.#", CultureInfo.CurrentCulture)],
        { TotalHours: < 1 } => t["Duration_min", span.Minutes, span.Seconds],
        _ => t["Duration_h", (int)span.TotalHours, span.Minutes],
    };
}
