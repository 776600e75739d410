using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Api;

/// <summary>Marks an endpoint that may be called without a body.</summary>
internal sealed class OptionalBody;

/// <summary>
/// A JSON body that is read field by field. All unknown fields and wrong types are reported together, by name. It also
/// knows which fields were present, because null and absent differ in a PATCH.
/// </summary>
internal sealed class Body<T>
    where T : class, new()
{
    // An invalid body of 1 MiB must not get a response ten times as long.
    private const int MostErrors = 100;

    private readonly List<(JsonPropertyInfo Field, object? Value)> _given;

    private Body(List<(JsonPropertyInfo, object?)> given) => _given = given;

    /// <summary>The given fields on top of the defaults.</summary>
    public T Value => ApplyTo(new T());

    /// <summary>Whether a field was present, even if it was null.</summary>
    public bool Has(string name) => _given.Exists(g => g.Field.Name == name);

    /// <summary>Writes the fields that were present to <paramref name="target"/>.</summary>
    public T ApplyTo(T target)
    {
        _given.ForEach(g => g.Field.Set!(target, g.Value));
        return target;
    }

    /// <exception cref="ApiRefusal">The body is missing or not JSON.</exception>
    /// <exception cref="InvalidInputException">Errors by field.</exception>
    public static async ValueTask<Body<T>> BindAsync(HttpContext context)
    {
        SmallBody.Limit(context);
        var bytes = await ReadAsync(context.Request, context.RequestAborted);
        if (bytes.Length == 0)
        {
            return context.GetEndpoint()?.Metadata.GetMetadata<OptionalBody>() is not null
                ? new Body<T>([])
                : throw new ApiRefusal(StatusCodes.Status400BadRequest, new Message("body_required"));
        }

        if (!IsJson(context.Request) || IsEncoded(context))
        {
            throw new ApiRefusal(StatusCodes.Status415UnsupportedMediaType, new Message("unsupported_media_type"));
        }

        using var json = Parse(bytes);
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new ApiRefusal(StatusCodes.Status400BadRequest, new Message("body_not_object"));
        }

        return new Body<T>(Read(json.RootElement));
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory, cancellationToken);
        return memory.ToArray();
    }

    private static bool IsJson(HttpRequest request) =>
        request.HasJsonContentType()
        && (request.GetTypedHeaders().ContentType?.Charset is not { HasValue: true } charset
            || HeaderUtilities.RemoveQuotes(charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    // No content coding is understood, which the answer says (RFC 9110 section 12.5.3).
    private static bool IsEncoded(HttpContext context)
    {
        var coding = context.Request.Headers.ContentEncoding.ToString();
        if (coding.Length == 0 || coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        context.Response.Headers.AcceptEncoding = "identity";
        return true;
    }

    private static JsonDocument Parse(byte[] bytes)
    {
        // Checked here once: otherwise JSON that is stored unparsed would be decoded as UTF-8 only much later.
        if (!Utf8.IsValid(bytes))
        {
            var good = bytes.AsSpan(0, FirstBroken(bytes));
            throw new ApiRefusal(
                StatusCodes.Status400BadRequest,
                new Message("json_invalid", $"{good.Count((byte)'\n') + 1}",
                $"{good.Length - good.LastIndexOf((byte)'\n')}"));
        }

        try
        {
            var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = ApiJson.MostLevels });
            if (DuplicateKey.Find(bytes) is { } twice)
            {
                json.Dispose();
                throw new ApiRefusal(StatusCodes.Status400BadRequest, twice);
            }

            return json;
        }
        catch (JsonException e)
        {
            throw new ApiRefusal(
                StatusCodes.Status400BadRequest,
                new Message("json_invalid", $"{(e.LineNumber ?? 0) + 1}", $"{(e.BytePositionInLine ?? 0) + 1}"));
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate was found while names were compared for duplicates.
            throw new ApiRefusal(StatusCodes.Status400BadRequest, new Message("text_lone_surrogate"));
        }
    }

    private static int FirstBroken(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    private static List<(JsonPropertyInfo, object?)> Read(JsonElement body)
    {
        var fields = ApiJson.Options.GetTypeInfo(typeof(T)).Properties;
        var (given, errors) =
            (new List<(JsonPropertyInfo, object?)>(), new Dictionary<string, IReadOnlyList<Message>>());
        foreach (var property in body.EnumerateObject().TakeWhile(_ => errors.Count < MostErrors))
        {
            if (NameOf(property) is not { } name)
            {
                throw new ApiRefusal(StatusCodes.Status400BadRequest, new Message("text_lone_surrogate"));
            }

            if (fields.FirstOrDefault(f => f.Name == name) is not { } field)
            {
                errors[name] = [new Message(Immutable.Contains(name) ? "field_immutable" : "field_unknown")];
            }
            else if (ReadValue(property.Value, field, out var value) is { } wrong)
            {
                errors[name] = [wrong];
            }
            else
            {
                given.Add((field, value));
            }
        }

        return errors.Count == 0 ? given : throw new InvalidInputException(errors);
    }

    // Fields of a tenant that no request may change.
    private static readonly string[] Immutable =
        ["id", "ruc", "subdominio", "db_name", "is_active", "state", "status", "created_at", "updated_at"];

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static Message? ReadValue(JsonElement element, JsonPropertyInfo field, out object? value)
    {
        value = null;
        try
        {
            value = element.Deserialize(ApiJson.Options.GetTypeInfo(field.PropertyType));
            return value is null && Nullable.GetUnderlyingType(field.PropertyType) is null
                && field.PropertyType.IsValueType ? Wrong(field) : null;
        }
        catch (JsonException) when (element.ValueKind == JsonValueKind.String && field.PropertyType == typeof(string))
        {
            // The string contains a lone surrogate.
            return new Message("text_lone_surrogate");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return e is InvalidOperationException ? new Message("text_lone_surrogate") : Wrong(field);
        }
    }

    private static Message Wrong(JsonPropertyInfo field) =>
        (Nullable.GetUnderlyingType(field.PropertyType) ?? field.PropertyType) switch
        {
            var type when type == typeof(bool) => new Message("field_boolean"),
            var type when type == typeof(int) || type == typeof(long) => new Message("field_integer"),
            var type when type == typeof(string) => new Message("field_text"),
            _ => new Message("field_type"),
        };
}
