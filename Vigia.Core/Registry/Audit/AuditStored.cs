using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// Prepares text for a record. Characters that PostgreSQL can't store are replaced by U+FFFD before hashing, so that
/// the hashed text equals the stored text.
/// </summary>
internal static class AuditStored
{
    // NaN and infinity are written as names, because an exception would prevent the change that the record is about.
    private static readonly JsonSerializerOptions Json =
        new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Replaces U+0000 and lone surrogates.</summary>
    public static string? Text(string? text)
    {
        if (text is null || !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff')
            && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value == 0 ? Rune.ReplacementChar : rune);
        }

        return clean.ToString();
    }

    /// <summary>Serialises the values to JSON that jsonb accepts.</summary>
    public static string? Values(IReadOnlyDictionary<string, object?>? values)
    {
        if (values is null)
        {
            return null;
        }

        var text = JsonSerializer.Serialize(values, Json);

        // An escaped U+0000 is valid JSON, but jsonb refuses it. The encoder has already replaced lone surrogates.
        return text.Contains("\\u0000", StringComparison.Ordinal) ? Rewrite(text, sorted: false) : text;
    }

    /// <summary>
    /// Whether two texts are the same JSON, to the last digit of every number. Spaces, the order of keys and escaping
    /// may differ, because a later PostgreSQL may write jsonb differently from the one that the record was hashed with.
    /// </summary>
    public static bool IsSameJson(string one, string other) => one == other || Canonical(one) == Canonical(other);

    /// <summary>Writes JSON without spaces and with sorted keys.</summary>
    public static string Canonical(string json) => Rewrite(json, sorted: true);

    /// <summary>
    /// Converts a column's value to text that is the same on every server. Used for the digest of records whose key is
    /// lost.
    /// </summary>
    public static string? Column(object? value) => value switch
    {
        null or DBNull => null,
        DateTime at => at.ToUniversalTime().ToString("O"),
        byte[] bytes => Convert.ToHexString(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static string Rewrite(string json, bool sorted)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, document.RootElement, sorted);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, bool sorted)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in sorted ? element.EnumerateObject()
                    .OrderBy(p => p.Name, StringComparer.Ordinal) : element.EnumerateObject().AsEnumerable())
                {
                    writer.WritePropertyName(Text(property.Name)!);
                    Write(writer, property.Value, sorted);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item, sorted);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(Text(element.GetString()));
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(element.GetRawText(), skipInputValidation: true);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
