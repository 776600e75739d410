using System.Globalization;
using System.Text;
using System.Text.Json;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Foundation.Text;

/// <summary>
/// The only check of JSON that comes from people or programs: jsonb must keep it as it was given. Pages, API and import
/// share it. jsonb keeps only the last of two equal keys, refuses numbers that do not fit into a numeric, and expands
/// 1e1000 to a thousand digits.
/// </summary>
public static class StorableJson
{
    /// <summary>The largest depth of nesting.</summary>
    public const int MaxDepth = 32;

    // A number in jsonb is a PostgreSQL numeric. These are its largest numbers of digits before and after the decimal
    // point.
    private const long MaxDigitsBefore = 131_072;
    private const long MaxDigitsAfter = 16_383;

    /// <summary>
    /// Reads JSON that is stored already. The product and psql may write any depth that jsonb takes.
    /// </summary>
    public static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>Says what is wrong with an object.</summary>
    /// <param name="text">The text as it was given.</param>
    /// <param name="maxBytes">The largest size in bytes as jsonb writes it. The text as given may be longer.</param>
    /// <returns>Null when nothing is wrong.</returns>
    public static Message? ObjectProblem(string? text, int maxBytes)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return new Message("config_not_object");
        }

        if (SafeText.Problem(text, multiLine: true) is { } problem)
        {
            return problem;
        }

        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new Message("config_not_object");
            }

            var written = 0L;
            return Problem(json.RootElement, ref written) ?? (written > maxBytes ? TooLarge(maxBytes) : null);
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json refuses to read half of a surrogate pair.
            return new Message("config_forbidden_character");
        }
        catch (JsonException e) when (e.Message.Contains("maximum configured depth", StringComparison.Ordinal))
        {
            return new Message("config_too_deep", MaxDepth.ToString(CultureInfo.InvariantCulture));
        }
        catch (JsonException e)
        {
            return new Message(
                "config_no_json",
                ((e.LineNumber ?? 0) + 1).ToString(CultureInfo.InvariantCulture),
                ((e.BytePositionInLine ?? 0) + 1).ToString(CultureInfo.InvariantCulture));
        }
    }

    private static Message TooLarge(int maxBytes) =>
        new("config_too_large", (maxBytes / 1024).ToString(CultureInfo.InvariantCulture));

    // Adds the bytes that jsonb writes: {"a": 1, "b": [true, null]}.
    private static Message? Problem(JsonElement element, ref long written)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return ObjectProblem(element, ref written);
            case JsonValueKind.Array:
                written += Separators(element.GetArrayLength());
                foreach (var item in element.EnumerateArray())
                {
                    if (Problem(item, ref written) is { } wrong)
                    {
                        return wrong;
                    }
                }

                return null;
            case JsonValueKind.String:
                // An escaped \u0000 is valid JSON, but jsonb refuses it.
                var text = element.GetString()!;
                written += Written(text);
                return SafeText.Problem(text, multiLine: true) is null ? null
                    : new Message("config_forbidden_character");
            case JsonValueKind.Number:
                return NumberProblem(element.GetRawText(), ref written);
            default:
                written += element.ValueKind == JsonValueKind.False ? "false".Length : "null".Length;
                return null;
        }
    }

    private static Message? ObjectProblem(JsonElement element, ref long written)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            written += Written(property.Name) + ": ".Length;
            if (SafeText.Problem(property.Name) is not null)
            {
                return new Message("config_forbidden_character");
            }

            if (!names.Add(property.Name))
            {
                return new Message("config_key_twice", Short(property.Name));
            }

            if (Problem(property.Value, ref written) is { } wrong)
            {
                return wrong;
            }
        }

        written += Separators(names.Count);
        return null;
    }

    // The brackets, and a comma with a blank between two items.
    private static long Separators(int items) => 2 + (2L * Math.Max(0, items - 1));

    // The quotes, and what PostgreSQL escapes: \" \\ \b \f \n \r \t and, as \u001f, the other control characters of
    // ASCII.
    private static long Written(string text)
    {
        var bytes = 2L + Encoding.UTF8.GetByteCount(text);
        foreach (var c in text)
        {
            bytes += c switch
            {
                '"' or '\\' or '\b' or '\f' or '\n' or '\r' or '\t' => 1,
                < ' ' => 5,
                _ => 0,
            };
        }

        return bytes;
    }

    // The parser has checked that the number has the form: [-] digits [. digits] [e [+-] digits].
    private static Message? NumberProblem(string number, ref long written)
    {
        var digits = number.AsSpan().TrimStart('-');
        var e = digits.IndexOfAny('e', 'E');
        var mantissa = e < 0 ? digits : digits[..e];
        var point = mantissa.IndexOf('.');
        var (whole, fraction) = point < 0 ? (mantissa.Length, 0) : (point, mantissa.Length - point - 1);

        // An exponent that does not fit into a long does not fit into a numeric either.
        var exponent = 0L;
        if (e >= 0 && !long.TryParse(
            digits[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return new Message("config_number", Short(number));
        }

        exponent = Math.Clamp(exponent, -MaxDigitsBefore * 2, MaxDigitsBefore * 2);
        var (before, after) = (Math.Max(1, whole + exponent), Math.Max(0, fraction - exponent));
        written += Written(mantissa, whole + exponent) + (after > 0 ? 1 + after : 0);

        // A numeric has no negative zero.
        written += number[0] == '-' && mantissa.ContainsAnyInRange('1', '9') ? 1 : 0;
        return before > MaxDigitsBefore || after > MaxDigitsAfter ? new Message("config_number", Short(number)) : null;
    }

    // The digits before the decimal point. Leading zeros are dropped.
    private static long Written(ReadOnlySpan<char> mantissa, long before)
    {
        var zeros = 0;
        foreach (var digit in mantissa)
        {
            if (digit is >= '1' and <= '9')
            {
                return Math.Max(1, before - zeros);
            }

            zeros += digit == '0' ? 1 : 0;
        }

        return 1;
    }

    private static string Short(string text) =>
        text.Length <= 40 ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[39]) ? 39 : 40), "…");
}
