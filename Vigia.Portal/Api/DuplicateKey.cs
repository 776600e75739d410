using System.Text;
using System.Text.Json;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;

namespace Vigia.Portal.Api;

/// <summary>
/// Finds a key that is twice in one object. System.Text.Json refuses it too, but says neither which key nor where.
/// </summary>
internal static class DuplicateKey
{
    private const int LongestName = 40;

    /// <param name="json">Valid JSON in UTF-8.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="InvalidOperationException">A key contains half of a surrogate pair.</exception>
    public static Message? Find(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ApiJson.MostLevels });
        var objects = new Stack<HashSet<string>>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    objects.Push(new HashSet<string>(StringComparer.Ordinal));
                    break;
                case JsonTokenType.EndObject:
                    objects.Pop();
                    break;
                case JsonTokenType.PropertyName when reader.GetString()! is var name && !objects.Peek().Add(name):
                    return DuplicateMessage(json[..(int)reader.TokenStartIndex], name);
            }
        }

        return null;
    }

    private static Message DuplicateMessage(ReadOnlySpan<byte> before, string name) =>
        new("json_invalid", $"{before.Count((byte)'\n') + 1}",
            $"{Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1}")
        {
            Parts =
            [
                new Message(
                    "config_key_twice", name.Length > LongestName ? SafeText.Cut(name, LongestName) + "…" : name),
            ],
        };
}
