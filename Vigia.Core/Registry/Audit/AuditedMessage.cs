using System.Text.Json;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// A message as a value of an audit record: <c>{"code": …, "args": […]}</c>, with <c>"parts"</c> if it has parts. The
/// code alone would not say which database, how many, or until when.
/// </summary>
public static class AuditedMessage
{
    /// <summary>The value to store. Null for no message.</summary>
    public static object? Of(Message? message)
    {
        if (message is null)
        {
            return null;
        }

        message = message.Bounded();
        var value = new Dictionary<string, object?> { ["code"] = message.Code, ["args"] = message.Args };
        if (message.Parts.Count > 0)
        {
            value["parts"] = message.Parts.Select(Of).ToList();
        }

        return value;
    }

    /// <summary>
    /// Reads a stored value. Records of earlier builds hold the code alone, as a string.
    /// </summary>
    /// <returns>Null when the value is not a message.</returns>
    public static Message? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new Message(value.GetString()!),
        JsonValueKind.Object when value.TryGetProperty("code", out var code)
            && code.ValueKind == JsonValueKind.String =>
            new Message(code.GetString()!, [.. Items(value, "args").Select(arg => arg.ToString())])
            {
                Parts = [.. Items(value, "parts").Select(Read).OfType<Message>()],
            },
        _ => null,
    };

    private static JsonElement.ArrayEnumerator Items(JsonElement value, string name) =>
        value.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray() : [];
}
