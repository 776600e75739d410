using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Vigia.Portal.Api.Documentation;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>
/// The OpenAPI 3.1 document of the tenants' API, apart from that of the staff's. In English, for tools.
/// State of the process: the document.
/// </summary>
public sealed class TenantDocument([FromKeyedServices(TenantDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "tenant-v1";

    /// <summary>The groups of calls, in reading order.</summary>
    internal static readonly IReadOnlyList<string> Tags =
        ["auth", "tenant", "users", "establecimientos", "comprobantes"];

    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");
    private string? _json;

    internal static void Add(IServiceCollection services)
    {
        services.AddSingleton<TenantDocument>();
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = call => IsOfTenants($"/{call.RelativePath}");
            options.AddOperationTransformer<CallDocs>();
            options.AddDocumentTransformer(Describe);
        });
    }

    internal static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(
            ApiUrls.TenantsDocument, async (TenantDocument document, CancellationToken cancellationToken) =>
                Results.Text(await document.JsonAsync(cancellationToken), "application/json")).AllowAnonymous();

    /// <summary>Whether a path belongs to the tenants' API.</summary>
    internal static bool IsOfTenants(string path) =>
        path.StartsWith(ApiUrls.Tenants + "/", StringComparison.Ordinal)
        && !path.StartsWith(ApiUrls.Admin + "/", StringComparison.Ordinal);

    private async Task<string> JsonAsync(CancellationToken cancellationToken)
    {
        CultureInfo.CurrentUICulture = English;
        return _json ??= await (await provider.GetOpenApiDocumentAsync(cancellationToken))
            .SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken);
    }

    private static Task Describe(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var words = context.ApplicationServices.GetRequiredService<ApiWords>();
        document.Info = new OpenApiInfo
        {
            Title = words["Doc_TenantTitle"], Version = "v1", Description = words["Doc_TenantAbout"],
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Tags = new HashSet<OpenApiTag>(
            Tags.Select(tag => new OpenApiTag { Name = tag, Description = words[$"Tag_{tag}"] }));
        document.AddComponent(DocumentSetup.Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT",
            Description = words["Doc_TenantBearer"],
        });
        return Task.CompletedTask;
    }
}
