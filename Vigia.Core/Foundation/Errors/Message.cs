using System.Globalization;
using System.Resources;
using Vigia.Core.Foundation.Dates;

namespace Vigia.Core.Foundation.Errors;

/// <summary>
/// A sentence for a person, kept as a stable code with arguments, so that it can be rendered in the language of the
/// reader. A worker that fails at night stores the message, and a person reads it in Spanish or English the next day.
/// </summary>
/// <param name="Code">A stable snake_case code, as the HTTP API shows it.</param>
/// <param name="Args">The values for the placeholders of the text. Never a secret.</param>
public sealed record Message(string Code, params IReadOnlyList<string> Args)
{
    /// <summary>The most UTF-16 units of an argument that is kept.</summary>
    public const int LongestArgument = 2_000;

    private static readonly ResourceManager Texts =
        new("Vigia.Core.Foundation.Errors.Messages", typeof(Message).Assembly);

    /// <summary>
    /// The list that the sentence announces. Each part has its own sentence and its own advice. Most messages have
    /// none.
    /// </summary>
    public IReadOnlyList<Message> Parts { get; init; } = [];

    /// <summary>
    /// The message with arguments of at most <see cref="LongestArgument"/>. Texts of a server or of a database of
    /// others have any length, and a stored message is read and sent often, and kept in the audit trail for ever.
    /// </summary>
    public Message Bounded() => Args.All(arg => arg.Length <= LongestArgument) && Parts.Count == 0 ? this : this with
    {
        Args = [.. Args.Select(arg => arg.Length <= LongestArgument ? arg
            : arg[..(LongestArgument - (char.IsHighSurrogate(arg[LongestArgument - 1]) ? 1 : 0))] + "…")],
        Parts = [.. Parts.Select(part => part.Bounded())],
    };

    /// <summary>
    /// The sentence in <paramref name="culture"/> (default: the current UI culture), followed by one line for each part
    /// with its advice. The code itself when no text exists. Never throws: a stored message may lack arguments.
    /// </summary>
    public string Render(CultureInfo? culture = null) => Parts.Count == 0
        ? RenderHead(culture)
        : string.Join('\n', [RenderHead(culture),
            .. Parts.Select(p => $"• {p.Render(culture)} {p.RenderAdvice(culture)}".TrimEnd())]);

    /// <summary>The sentence without its parts.</summary>
    public string RenderHead(CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        var text = Texts.GetString(Code, culture);
        return text is null ? string.Join(" ", [Code, .. Args])
            : Blanks.Fill(culture, text, [.. Args.Select(arg => InWords(arg, culture))]);
    }

    /// <summary>
    /// An argument that names fields of a tenant (<c>@plan,max_usuarios</c>). It is rendered in words.
    /// </summary>
    public static string FieldsArgument(IEnumerable<string> names) => "@" + string.Join(',', names);

    /// <summary>
    /// The fields of a tenant (names of the HTTP API) in words, in <paramref name="culture"/> (default: the current UI
    /// culture).
    /// </summary>
    public static string FieldNames(IEnumerable<string> names, CultureInfo? culture = null) =>
        string.Join(", ", names.Select(
            name => Texts.GetString("field_" + name, culture ?? CultureInfo.CurrentUICulture) ?? name));

    /// <summary>
    /// The advice: what the person can do about it, in <paramref name="culture"/>. Null when there is no advice.
    /// </summary>
    public string? RenderAdvice(CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        var text = Texts.GetString(Code + "_advice", culture);
        return text is null ? null : Blanks.Fill(culture, text, [.. Args.Select(arg => InWords(arg, culture))]);
    }

    private static string InWords(string arg, CultureInfo culture) =>
        LimaTime.Read(arg) is { } moment ? LimaTime.Exact(moment, culture)
        : arg.StartsWith('@') && arg[1..].Split(',') is var names
        && Array.TrueForAll(names, name => Texts.GetString("field_" + name, culture) is not null)
            ? FieldNames(names, culture) : arg;

    public bool Equals(Message? other) => other is not null && Code == other.Code
        && Args.SequenceEqual(other.Args) && Parts.SequenceEqual(other.Parts);

    public override int GetHashCode() => HashCode.Combine(Code, Args.Count);

    public override string ToString() => Render();
}
