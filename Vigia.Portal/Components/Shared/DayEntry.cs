using System.Globalization;

namespace Vigia.Portal.Components.Shared;

/// <summary>The content of a date field: a day, nothing, or a text that is not a date.</summary>
public readonly record struct DayEntry
{
    // Slashes are read in Spanish only: English readers disagree on whether 9/5 is a day in May or September.
    private static readonly string[] Spanish = ["d'/'M'/'yyyy", "d-M-yyyy", "d.M.yyyy", "yyyy-MM-dd"];
    private static readonly string[] English = ["d MMM yyyy", "d MMMM yyyy", "yyyy-MM-dd"];

    /// <summary>The day. Null when the field is empty, and when its text is not a date.</summary>
    public DateOnly? Day { get; private init; }

    /// <summary>The text that is not a date, as it was typed; otherwise null.</summary>
    public string? Unreadable { get; private init; }

    public bool IsUnreadable => Unreadable is not null;

    /// <summary>The text of the field: 05/09/2026, in English 5 Sep 2026.</summary>
    public string Text => Unreadable ?? Day?.ToString(Format, CultureInfo.CurrentCulture) ?? "";

    private static bool IsSpanish => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "es";

    private static string Format => IsSpanish ? "dd'/'MM'/'yyyy" : "d MMM yyyy";

    public static implicit operator DayEntry(DateOnly? day) => new() { Day = day };

    /// <summary>Reads a typed text in the order of the reader's language, or as 2026-09-05 in every language.</summary>
    public static DayEntry Read(string? text)
    {
        var trimmed = text?.Trim() ?? "";
        if (trimmed.Length == 0)
        {
            return default;
        }

        var formats = IsSpanish ? Spanish : English;
        return DateOnly.TryParseExact(
            trimmed, formats, CultureInfo.CurrentCulture, DateTimeStyles.AllowWhiteSpaces, out var day)
            && day.Year is > 1 and < 9999
            ? new DayEntry { Day = day } : new DayEntry { Unreadable = trimmed };
    }
}
