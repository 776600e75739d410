using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Vigia.Core.Foundation.Errors;
using Vigia.Portal.Api.TenantSide;

namespace Vigia.Portal.Api.Documentation;

/// <summary>
/// Builds the documentation of one call from the metadata of its endpoint (<see cref="EndpointRules"/>).
/// </summary>
internal sealed class CallDocs(ApiWords words) : IOpenApiOperationTransformer
{
    public const string RightExtension = "x-right";
    public const string PermissionExtension = "x-permission";

    public Task TransformAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var (document, call, right) =
            (context.Document!, operation.OperationId!, metadata.OfType<RightRequired>().FirstOrDefault()?.Right);
        var tenant = metadata.OfType<TenantCall>().FirstOrDefault();
        var schemas = new Schemas(document, words);
        var tag = DocumentSetup.TagOf(context.Description);
        operation.Tags = new HashSet<OpenApiTagReference> { new(tag, document) };
        operation.Summary = words[$"Call_{call}"];
        operation.Description = Needs(right, tenant) is { } needs ? $"{words[$"About_{call}"]}\n\n{needs}"
            : words[$"About_{call}"];
        operation.Security = right is null && tenant?.NeedsToken != true ? []
            : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(DocumentSetup.Bearer, document)] =
            [] }];
        foreach (var (extension, value) in new[]
            { (RightExtension, right), (PermissionExtension, tenant?.Permission) })
        {
            if (value is not null)
            {
                operation.Extensions = new Dictionary<string, IOpenApiExtension>
                {
                    [extension] = new JsonNodeExtension(JsonValue.Create(value)),
                };
            }
        }

        operation.Parameters =
        [
            .. (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(p => p.In == ParameterLocation.Path)
                .Select(p => Path(tag, p)),
            .. metadata.OfType<QueryParameters>().SelectMany(q => q.All).Select(p => Query(call, p)),
            .. metadata.OfType<Heeds>().Select(h => Header(h.Header)),
        ];
        operation.RequestBody = metadata.OfType<Takes>().FirstOrDefault() is { } takes
            ? new OpenApiRequestBody
            {
                Required = !metadata.OfType<OptionalBody>().Any(),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [takes.ContentType] =
                new() { Schema = schemas.Of(takes.Type), Example = FieldRules.Example(takes.Type) }
                },
            }
            : null;
        operation.Responses = new AnswerDocs(words, schemas).Of(metadata);
        return Task.CompletedTask;
    }

    private string? Needs(string? right, TenantCall? tenant) => right is not null
        ? Blanks.Fill(CultureInfo.InvariantCulture, words["Right"], [right])
        : tenant?.Permission is { } permission
            ? Blanks.Fill(CultureInfo.InvariantCulture, words["Permission"], [permission]) : null;

    private OpenApiParameter Path(string tag, OpenApiParameter parameter)
    {
        parameter.Description = words[$"Path_{tag}_{parameter.Name}"];
        return parameter;
    }

    private OpenApiParameter Header(string name) =>
        new()
        {
            Name = name, In = ParameterLocation.Header, Description = words[$"Header_{name}"],
            Schema = new OpenApiSchema { Type = JsonSchemaType.String }
        };

    private OpenApiParameter Query(string call, QueryParameter parameter)
    {
        var (type, format) = parameter.Type switch
        {
            QueryType.Integer => (JsonSchemaType.Integer, "int32"),
            QueryType.Long => (JsonSchemaType.Integer, "int64"),
            QueryType.Boolean => (JsonSchemaType.Boolean, null),
            QueryType.Guid => (JsonSchemaType.String, "uuid"),
            QueryType.Time => (JsonSchemaType.String, "date-time"),
            _ => (JsonSchemaType.String, (string?)null),
        };
        return new OpenApiParameter
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = words.Parameter(call, parameter.Name),
            Schema = new OpenApiSchema
            {
                Type = type,
                Format = format,
                MaxLength = parameter.Type == QueryType.Text
                    && parameter.Choices is null ? QueryValues.LongestText : null,
                Minimum = parameter.Type == QueryType.Long ? "0" : parameter.Least == int.MinValue ? null
                    : parameter.Least.ToString(CultureInfo.InvariantCulture),
                Maximum = parameter.Most == int.MaxValue ? null : parameter.Most.ToString(CultureInfo.InvariantCulture),
                Default = parameter.Default switch
                {
                    int number => JsonValue.Create(number),
                    bool flag => JsonValue.Create(flag),
                    string text => JsonValue.Create(text),
                    _ => null
                },
                Enum = parameter.Choices is { } choices ? [.. choices.Select(c => JsonValue.Create(c))] : null,
            },
        };
    }
}
