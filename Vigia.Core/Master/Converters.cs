using System.Text.Json;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Vigia.Core.Errors;

namespace Vigia.Core.Master;

/// <summary>Enumerations are stored as their lower-case names.</summary>
internal sealed class LowerCaseConverter<T>()
    : ValueConverter<T, string>(value => ToText(value), text => Parse(text))
    where T : struct, Enum
{
#pragma warning disable CA1308 // Lower case is the stored form.
    private static string ToText(T value) => value.ToString().ToLowerInvariant();
#pragma warning restore CA1308

    private static T Parse(string text) => Enum.Parse<T>(text, ignoreCase: true);
}

/// <summary>A message is stored as <c>{"Code": …, "Args": […]}</c>.</summary>
internal sealed class MessageConverter()
    : ValueConverter<Message, string>(message => ToText(message), text => Parse(text))
{
    internal static string ToText(Message message) => JsonSerializer.Serialize(new Stored(message.Code, message.Args));

    internal static Message Parse(string text)
    {
        var stored = JsonSerializer.Deserialize<Stored>(text)!;
        return new Message(stored.Code, stored.Args);
    }

    private sealed record Stored(string Code, IReadOnlyList<string> Args);
}
