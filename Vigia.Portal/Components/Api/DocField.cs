using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Vigia.Portal.Components.Api;

/// <summary>A field of a body, or a parameter, as a row of a table.</summary>
public sealed record DocField(string Name, IOpenApiSchema Schema, string Description, bool Required)
{
    /// <summary>The place of a parameter: <c>path</c>, <c>query</c>, <c>header</c>. Null for a field.</summary>
    public string? Where { get; init; }

    public bool MayBeNull =>
        Schema.Type?.HasFlag(JsonSchemaType.Null) == true
        || Schema.OneOf?.Any(s => s.Type == JsonSchemaType.Null) == true;

    /// <summary>The name of the object schema that the field contains, alone or in a list.</summary>
    public string? Refers =>
        NameOf(Schema) ?? Schema.OneOf?.Select(NameOf).FirstOrDefault(name => name is not null)
        ?? (Schema.Items is { } items ? NameOf(items) : null);

    public bool IsList => Schema.Items is not null;

    /// <summary>The plain type with its format in brackets.</summary>
    public string Type => TypeOf(Schema);

    public IReadOnlyList<string> Choices =>
        [.. (Schema.Enum ?? []).OfType<JsonValue>()
        .Where(v => v.GetValueKind() == System.Text.Json.JsonValueKind.String && v != JsonNullSentinel.JsonNull)
        .Select(v => v.GetValue<string>())];

    public static IReadOnlyList<DocField> Of(IOpenApiSchema schema) =>
        [.. (schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            .Select(p => new DocField(
            p.Key, p.Value, p.Value.Description ?? "", schema.Required?.Contains(p.Key) == true))];

    public static DocField Of(IOpenApiParameter parameter) =>
        new(parameter.Name!, parameter.Schema!, parameter.Description ?? "",
            parameter.Required)
        { Where = parameter.In!.Value.ToString().ToLowerInvariant() };

    /// <summary>The name of an object schema. Null for a schema that is described in place.</summary>
    public static string? NameOf(IOpenApiSchema schema) => (schema as OpenApiSchemaReference)?.Reference.Id;

    private static string TypeOf(IOpenApiSchema schema)
    {
        var name = ((schema.Type ?? JsonSchemaType.Object) & ~JsonSchemaType.Null).ToString().ToLowerInvariant();
        return schema.Format is { } format and not "password" ? $"{name} ({format})" : name;
    }
}
