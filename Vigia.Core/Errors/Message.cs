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
        return text is null ? string.Join(" ", [Code, .. Args]) : string.Format(culture, text, [.. Args.Select(arg => InWords(arg, culture))]);
    }

    /// <summary>An argument that names fields of a client (<c>@plan,max_usuarios</c>) is rendered in words.</summary>
    public static string FieldsArgument(IEnumerable<string> names) => "@" + string.Join(',', names);

    /// <summary>Fields of a client (the HTTP API's names) in words, in <paramref name="culture"/> (the current UI culture when null).</summary>
    public static string FieldNames(IEnumerable<string> names, CultureInfo? culture = null) =>
        string.Join(", ", names.Select(name => Texts.GetString("field_" + name, culture ?? CultureInfo.CurrentUICulture) ?? name));

    /// <summary>What the person can do about it, in <paramref name="culture"/>; null when there is nothing to add.</summary>
    public string? RenderAdvice(CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        var text = Texts.GetString(Code + "_advice", culture);
        return text is null ? null : string.Format(culture, text, [.. Args.Select(arg => InWords(arg, culture))]);
    }

    private static string InWords(string arg, CultureInfo culture) => arg.StartsWith('@') && arg[1..].Split(',') is var names
        && Array.TrueForAll(names, name => Texts.GetString("field_" + name, culture) is not null) ? FieldNames(names, culture) : arg;

    public bool Equals(Message? other) => other is not null && Code == other.Code && Args.SequenceEqual(other.Args);

    public override int GetHashCode() => HashCode.Combine(Code, Args.Count);

    public override string ToString() => Render();
}
