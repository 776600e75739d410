using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Master;

/// <summary>Stores enumerations as their lower-case names.</summary>
internal sealed class LowerCaseConverter<T>()
    : ValueConverter<T, string>(value => ToText(value), text => Parse(text))
    where T : struct, Enum
{
    /// <summary>The stored form, for statements that are written by hand. Null for null.</summary>
    internal static string? TextOf(T? value) => value is { } some ? ToText(some) : null;

#pragma warning disable CA1308 // Lower case is the stored form.
    private static string ToText(T value) => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private static T Parse(string text) => Enum.Parse<T>(text, ignoreCase: true);
}

/// <summary>Stores an enumeration whose names have several words as snake_case.</summary>
internal sealed class SnakeCaseConverter<T>() : ValueConverter<T, string>(value => ToText(value), text => Parse(text))
    where T : struct, Enum
{
    private static string ToText(T value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static T Parse(string text) => Enum.GetValues<T>().Single(value => ToText(value) == text);
}

/// <summary>
/// Stores a message as <c>{"Code": …, "Args": […]}</c>, with <c>"Parts": […]</c> if it has parts.
/// Reads one that a person edited by hand, without arguments.
/// </summary>
internal sealed class MessageConverter()
    : ValueConverter<Message, string>(message => ToText(message), text => Parse(text))
{
    private static readonly JsonSerializerOptions Options =
        new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    internal static string ToText(Message message) => JsonSerializer.Serialize(Stored.Of(message), Options);

    internal static Message Parse(string text) => JsonSerializer.Deserialize<Stored>(text, Options)!.ToMessage();

    private sealed record Stored(string Code, IReadOnlyList<string>? Args, IReadOnlyList<Stored>? Parts = null)
    {
        public static Stored Of(Message message) => new(
            message.Code, message.Args, message.Parts.Count == 0 ? null : [.. message.Parts.Select(Of)]);

        public Message ToMessage() => new(Code, Args ?? []) { Parts = [.. (Parts ?? []).Select(p => p.ToMessage())] };
    }
}
