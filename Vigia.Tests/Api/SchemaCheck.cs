using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vigia.Tests.Api;

/// <summary>
/// Checks a value against a schema of the portal's own document. It knows the keywords of JSON Schema that the document
/// uses, and demands that an object has all its properties and no others.
/// </summary>
internal sealed class SchemaCheck(JsonElement document)
{
    /// <summary>Returns the deviations, each with its place.</summary>
    public IReadOnlyList<string> Problems(JsonElement schema, JsonElement value) => [.. Check(schema, value, "$")];

    private IEnumerable<string> Check(JsonElement schema, JsonElement value, string at)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Check(Resolve(reference.GetString()!), value, at);
        }

        var problems = new List<string>();
        if (schema.TryGetProperty("oneOf", out var choices)
            && choices.EnumerateArray().Count(choice => !Check(choice, value, at).Any()) != 1)
        {
            problems.AddRange(choices.EnumerateArray().SelectMany(choice => Check(choice, value, at))
                .Prepend($"{at} fits none of oneOf"));
        }

        if (schema.TryGetProperty("allOf", out var all))
        {
            problems.AddRange(all.EnumerateArray().SelectMany(part => Check(part, value, at)));
        }

        if (schema.TryGetProperty("enum", out var allowed)
            && !allowed.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
        {
            problems.Add($"{at}: {value.GetRawText()} is none of {allowed.GetRawText()}");
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Contains(TypeOf(value)))
        {
            problems.Add($"{at} is {TypeOf(value)}, not {type.GetRawText()}");
            return problems;
        }

        problems.AddRange(value.ValueKind switch
        {
            JsonValueKind.Object => Object(schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                value.EnumerateArray().SelectMany((item, i) => Check(items, item, $"{at}[{i}]")),
            JsonValueKind.String => Text(schema, value.GetString()!, at),
            JsonValueKind.Number => Number(schema, value.GetDecimal(), at),
            _ => [],
        });
        return problems;
    }

    private IEnumerable<string> Object(JsonElement schema, JsonElement value, string at)
    {
        if (!schema.TryGetProperty("type", out _))
        {
            return schema.TryGetProperty("properties", out var some)
                ? some.EnumerateObject().Where(p => value.TryGetProperty(p.Name, out _))
                    .SelectMany(p => Check(p.Value, value.GetProperty(p.Name), $"{at}.{p.Name}"))
                : [];
        }

        if (!schema.TryGetProperty("properties", out var known))
        {
            return schema.TryGetProperty("additionalProperties", out var each) && each.ValueKind == JsonValueKind.Object
                ? value.EnumerateObject().SelectMany(p => Check(each, p.Value, $"{at}.{p.Name}"))
                : [];
        }

        var missing = schema.TryGetProperty("required", out var required) ? required.EnumerateArray()
            .Select(r => r.GetString()!).Where(name => !value.TryGetProperty(name, out _)) : [];
        return missing.Select(name => $"{at}.{name} is missing")
            .Concat(value.EnumerateObject()
                .SelectMany(p => known.TryGetProperty(p.Name, out var field) ? Check(field, p.Value, $"{at}.{p.Name}")
                : [$"{at}.{p.Name} is not in the schema"]));
    }

    private static IEnumerable<string> Text(JsonElement schema, string text, string at)
    {
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!))
        {
            yield return $"{at}: “{text}” does not match {pattern}";
        }

        if (schema.TryGetProperty("maxLength", out var most) && text.Length > most.GetInt32())
        {
            yield return $"{at} is longer than {most}";
        }

        var formed = (schema.TryGetProperty("format", out var format) ? format.GetString() : null) switch
        {
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "date-time" => text.Contains('T', StringComparison.Ordinal)
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time)
                && time.Offset == TimeSpan.Zero,
            _ => true,
        };
        if (!formed)
        {
            yield return $"{at}: “{text}” is no {format}";
        }
    }

    private static IEnumerable<string> Number(JsonElement schema, decimal number, string at)
    {
        if ((schema.TryGetProperty("minimum", out var least) && number < least.GetDecimal())
            || (schema.TryGetProperty("maximum", out var most) && number > most.GetDecimal()))
        {
            yield return $"{at}: {number} is out of range";
        }
    }

    private JsonElement Resolve(string reference) =>
        reference.TrimStart('#', '/').Split('/').Aggregate(document, (at, name) => at.GetProperty(name));

    private static IEnumerable<string?> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()) : [type.GetString()];

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
