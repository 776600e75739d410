using System.Globalization;
using System.Resources;

namespace Vigia.Core.Errors;

/// <summary>
/// A sentence for a person, kept as a stable code and its arguments so that it is rendered in the language of whoever reads it:
/// a worker that fails at night stores the message, and a person reads it in Spanish or English the next day.
/// </summary>
/// <param name="Code">Stable snake_case code, as the HTTP API shows it.</param>
/// <param name="Args">Values for the placeholders of the text; never a secret.</param>
public sealed record Message(string Code, params IReadOnlyList<string> Args)
{
    private static readonly ResourceManager Texts = new("Vigia.Core.Errors.Messages", typeof(Message).Assembly);

    /// <summary>The sentence in <paramref name="culture"/> (the current UI culture when null); the code itself when no text exists.</summary>
    public string Render(CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        var text = Texts.GetString(Code, culture);
        return text is null ? string.Join(" ", [Code, .. Args]) : string.Format(culture, text, [.. Args]);
    }

    /// <summary>What the person can do about it, in <paramref name="culture"/>; null when there is nothing to add.</summary>
    public string? RenderAdvice(CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        var text = Texts.GetString(Code + "_advice", culture);
        return text is null ? null : string.Format(culture, text, [.. Args]);
    }

    public bool Equals(Message? other) => other is not null && Code == other.Code && Args.SequenceEqual(other.Args);

    public override int GetHashCode() => HashCode.Combine(Code, Args.Count);

    public override string ToString() => Render();
}
