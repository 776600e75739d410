using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Vigia.Portal.Api.Documentation;

/// <summary>The document, made once for each language: it changes with the program only.</summary>
internal sealed class ApiDocument([FromKeyedServices(DocumentSetup.Name)] IOpenApiDocumentProvider provider)
{
    // Tools read English, whoever runs them.
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");
    private readonly ConcurrentDictionary<string, OpenApiDocument> _byLanguage = new();
    private string? _json;

    public async Task<OpenApiDocument> ReadAsync(CultureInfo language, CancellationToken cancellationToken)
    {
        CultureInfo.CurrentUICulture = language;
        return _byLanguage.TryGetValue(language.Name, out var known) ? known : _byLanguage.GetOrAdd(language.Name, await provider.GetOpenApiDocumentAsync(cancellationToken));
    }

    /// <summary>As tools read it.</summary>
    public async Task<string> JsonAsync(CancellationToken cancellationToken) =>
        _json ??= await (await ReadAsync(English, cancellationToken)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken);
}
