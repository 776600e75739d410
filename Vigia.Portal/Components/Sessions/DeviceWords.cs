using Microsoft.Extensions.Localization;

namespace Vigia.Portal.Components.Sessions;

/// <summary>Names the device of a user agent, precisely enough for a person to recognise their own.</summary>
internal static class DeviceWords
{
    // The order matters: most browsers also claim to be the ones below them.
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"), ("HeadlessChrome/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ];

    public static string Of(string? userAgent, IStringLocalizer<SessionText> words) =>
        (Find(Browsers, userAgent), Find(Systems, userAgent)) switch
        {
            ({ } browser, { } system) => words["DeviceOn", browser, system],
            (null, null) => words["UnknownDevice"],
            var (browser, system) => browser ?? system!,
        };

    public static bool IsHandheld(string? userAgent) => Find(Systems, userAgent) is "iPhone" or "iPad" or "Android";

    private static string? Find((string Mark, string Name)[] table, string? text) =>
        Array.Find(table, entry => text?.Contains(entry.Mark, StringComparison.Ordinal) == true).Name;
}
