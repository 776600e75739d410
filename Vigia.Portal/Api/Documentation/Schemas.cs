using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;

namespace Vigia.Portal.Api.Documentation;

/// <summary>
/// JSON schemas of the bodies of requests and answers. They come from the types that the API reads and writes. Each
/// object is a component that others refer to.
/// </summary>
internal sealed class Schemas(OpenApiDocument document, ApiWords words)
{
    private const string ProblemName = "Problem";
    private static readonly Dictionary<string, JsonSchemaType> ProblemFields = new()
    {
        ["type"] = JsonSchemaType.String, ["title"] = JsonSchemaType.String, ["status"] = JsonSchemaType.Integer,
        ["code"] = JsonSchemaType.String, ["traceId"] = JsonSchemaType.String,
        ["detail"] = JsonSchemaType.String, ["advice"] = JsonSchemaType.String, ["fields"] = JsonSchemaType.Object,
        ["errors"] = JsonSchemaType.Object, ["error_codes"] = JsonSchemaType.Object,
    };

    public IOpenApiSchema Of(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.IsGenericType && plain.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = Of(plain.GenericTypeArguments[0]) };
        }

        if (plain.IsGenericType && plain.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        {
            return new OpenApiSchema
            {
                Type = JsonSchemaType.Object, AdditionalProperties = Of(plain.GenericTypeArguments[1]),
            };
        }

        return (IOpenApiSchema?)Simple(plain) ?? Component(NameOf(plain), () => ObjectOf(plain));
    }

    /// <summary>A refusal with one of these codes.</summary>
    public IOpenApiSchema Problem(IEnumerable<string> codes) => new OpenApiSchema
    {
        AllOf = [Component(ProblemName, ProblemObject)],
        Properties = new Dictionary<string, IOpenApiSchema>
        { ["code"] = new OpenApiSchema { Enum = [.. codes.Select(code => JsonValue.Create(code))] } },
    };

    /// <summary>The name of a type in the document.</summary>
    public static string NameOf(Type type) => type.Name switch
    {
        _ when type.IsGenericType => NameOf(type.GenericTypeArguments[0]) + "List",
        nameof(AuditAnswer) => "AuditRecord",
        nameof(VerifyAnswer) => "AuditVerdict",
        nameof(ClienteFields) => "ClienteChanges",
        nameof(Said) => "Sentence",
        var name => name.EndsWith("Answer", StringComparison.Ordinal) ? name[..^"Answer".Length] : name,
    };

    private static OpenApiSchema? Simple(Type type) => type switch
    {
        _ when type == typeof(string) => new() { Type = JsonSchemaType.String },
        _ when type == typeof(bool) => new() { Type = JsonSchemaType.Boolean },
        _ when type == typeof(int) => new() { Type = JsonSchemaType.Integer, Format = "int32" },
        _ when type == typeof(long) => new() { Type = JsonSchemaType.Integer, Format = "int64" },
        _ when type == typeof(Guid) => new() { Type = JsonSchemaType.String, Format = "uuid" },
        _ when type == typeof(DateTimeOffset) => new() { Type = JsonSchemaType.String, Format = "date-time" },
        _ when type == typeof(DateOnly) => new() { Type = JsonSchemaType.String, Format = "date" },
        _ when type == typeof(decimal) => new() { Type = JsonSchemaType.Number },
        _ when type == typeof(JsonElement) => new() { Type = JsonSchemaType.Object },
        _ => null,
    };

    private OpenApiSchemaReference Component(string name, Func<OpenApiSchema> make)
    {
        if (document.Components?.Schemas?.ContainsKey(name) != true)
        {
            document.AddComponent(name, make());
        }

        return new OpenApiSchemaReference(name, document);
    }

    private OpenApiSchema ObjectOf(Type type)
    {
        var (name, request) = (NameOf(type), FieldRules.IsRequest(type));
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = words.Find($"Schema_{name}"),
            Properties = new Dictionary<string, IOpenApiSchema>(),
            Required = new SortedSet<string>(StringComparer.Ordinal),
            AdditionalPropertiesAllowed = !request,
        };
        foreach (var field in ApiJson.Options.GetTypeInfo(type).Properties)
        {
            schema.Properties[field.Name] = FieldOf(type, name, field);

            // An answer always contains every field, even if it is null. The one exception is the usage of a tenant in
            // the trash, which can't be read.
            if (request ? FieldRules.IsRequired(type, field.Name)
                : (name, field.Name) is not ("ClienteDetail", "usage"))
            {
                schema.Required.Add(field.Name);
            }
        }

        return schema;
    }

    private OpenApiSchema FieldOf(Type type, string name, JsonPropertyInfo field)
    {
        var (description, rule) = (words.Field(name, field.Name), FieldRules.Of(type, name, field.Name));
        var mayBeNull = MayBeNull(field)
            && !(FieldRules.IsRequest(type) && (FieldRules.IsRequired(type, field.Name) || rule?.Choices is not null));
        if (Of(field.PropertyType) is not OpenApiSchema schema)
        {
            var reference = Of(field.PropertyType);
            return new OpenApiSchema
            {
                Description = description,
                OneOf = mayBeNull ? [reference, new OpenApiSchema { Type = JsonSchemaType.Null }] : [reference]
            };
        }

        schema.Description = description;
        schema.Type |= mayBeNull ? JsonSchemaType.Null : schema.Type;
        schema.MaxLength = rule?.Longest;
        schema.Pattern = rule?.Pattern;
        schema.Format = rule?.Format ?? schema.Format;
        schema.Minimum = rule?.Least?.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = rule?.Most?.ToString(CultureInfo.InvariantCulture);
        schema.Enum = rule?.Choices is { } choices
            ? [.. choices.Select(c => (JsonNode)JsonValue.Create(c)),
            .. mayBeNull ? [JsonNullSentinel.JsonNull] : Array.Empty<JsonNode>()] : null;
        schema.Default = type == typeof(NewCliente)
            && field.PropertyType == typeof(bool) ? JsonValue.Create(field.Name == "provision") : null;
        return schema;
    }

    private static bool MayBeNull(JsonPropertyInfo field) =>
        Nullable.GetUnderlyingType(field.PropertyType) is not null
        || (field.AttributeProvider is PropertyInfo property
            && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable);

    private OpenApiSchema ProblemObject() => new()
    {
        Type = JsonSchemaType.Object,
        Description = words.Find("Schema_Problem"),
        Properties = ProblemFields.ToDictionary(f => f.Key, IOpenApiSchema (f) => new OpenApiSchema
        {
            Type = f.Value,
            Description = words.Field(ProblemName, f.Key),
            Pattern = f.Key == "traceId" ? "^[0-9a-f]{32}$" : null,
            AdditionalProperties = f.Key is "errors" or "error_codes"
                ? new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String }
                } : null,
        }),
        Required = new SortedSet<string>(["type", "title", "status", "code", "traceId"], StringComparer.Ordinal),
    };
}
