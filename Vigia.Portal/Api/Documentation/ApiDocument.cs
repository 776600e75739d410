using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Vigia.Portal.Api.Documentation;

/// <summary>
/// Builds the OpenAPI document once per language. It changes only with the build.
/// State of the process: the document in each language that was asked for.
/// </summary>
public sealed class ApiDocument([FromKeyedServices(DocumentSetup.Name)] IOpenApiDocumentProvider provider)
{
    // Tools always get English, whatever the language of the caller.
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");
    private readonly ConcurrentDictionary<string, OpenApiDocument> _byLanguage = new();
    private string? _json;

    public async Task<OpenApiDocument> ReadAsync(CultureInfo language, CancellationToken cancellationToken)
    {
        CultureInfo.CurrentUICulture = language;
        return _byLanguage.TryGetValue(language.Name, out var known) ? known
            : _byLanguage.GetOrAdd(language.Name, await provider.GetOpenApiDocumentAsync(cancellationToken));
    }

    /// <summary>The document as JSON for tools.</summary>
    public async Task<string> JsonAsync(CancellationToken cancellationToken) =>
        _json ??= await (await ReadAsync(English, cancellationToken))
            .SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken);
}
