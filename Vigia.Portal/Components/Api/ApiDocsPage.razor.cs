using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.OpenApi;
using Vigia.Portal.Api.Documentation;

namespace Vigia.Portal.Components.Api;

/// <summary>
/// The documentation of the HTTP API for people. It is static and uses no third-party script. Like the OpenAPI document
/// it is public, because the author of a program need not be a member of staff.
/// </summary>
public sealed partial class ApiDocsPage(ApiDocument documents, NavigationManager navigation)
{
    private OpenApiDocument _document = default!;

    private IEnumerable<(
        string Tag, string Name, IReadOnlyList<(string Method, string Path, OpenApiOperation Call)> Calls)> Groups =>
        from tag in _document.Tags!
        select (tag.Name!, tag.Description!, CallsOf(tag.Name!));

    // Request bodies are described with their calls.
    private IEnumerable<(string Name, IOpenApiSchema Schema)> Objects =>
        from schema in _document.Components!.Schemas!
        where schema.Value.AdditionalPropertiesAllowed
        orderby schema.Key
        select (schema.Key, schema.Value);

    private string Portal => navigation.BaseUri.TrimEnd('/');

    private string TokenExample => $$"""
        curl {{Portal}}{{ApiUrls.Admin}}/auth/token \
          -H 'Content-Type: application/json' \
          -d '{"email": "ana.quispe@example.com", "password": "…"}'
        """;

    private string FirstExample => $"""
        curl '{Portal}{ApiUrls.Admin}/clientes?q=farma&page_size=5' \
          -H "Authorization: Bearer $TOKEN"
        """;

    protected override async Task OnInitializedAsync() =>
        _document = await documents.ReadAsync(CultureInfo.CurrentUICulture, CancellationToken.None);

    private static string At(string id) => $"{PortalUrls.ApiDocs}#{id}";

    private IReadOnlyList<(string Method, string Path, OpenApiOperation Call)> CallsOf(string tag) =>
    [
        .. from path in _document.Paths
           from call in path.Value.Operations!
           where call.Value.Tags!.Any(t => t.Reference.Id == tag)
           select (call.Key.Method, path.Key, call.Value),
    ];
}
