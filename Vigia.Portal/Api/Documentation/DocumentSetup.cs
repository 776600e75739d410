using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Vigia.Core.Foundation.Configuration;
using Vigia.Portal.Api.TenantSide;

namespace Vigia.Portal.Api.Documentation;

/// <summary>
/// Configures the OpenAPI 3.1 document. It contains only the contract, so tools can read it without a token.
/// </summary>
internal static class DocumentSetup
{
    public const string Name = "v1";
    public const string Bearer = "bearer";

    /// <summary>The groups of calls, in reading order.</summary>
    public static readonly IReadOnlyList<string> Tags =
        ["auth", "clientes", "databases", "operations", "audit", "diagnose", "service_accounts"];

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<ApiWords>();
        services.AddSingleton<ApiDocument>();
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = call => PathOf(call).StartsWith(ApiUrls.Admin + "/", StringComparison.Ordinal);
            options.AddOperationTransformer<CallDocs>();
            options.AddDocumentTransformer(Describe);
        });
    }

    public static void Map(WebApplication app) =>
        app.MapGet(ApiUrls.Document, async (ApiDocument document, CancellationToken cancellationToken) =>
        Results.Text(await document.JsonAsync(cancellationToken), "application/json")).AllowAnonymous();

    /// <summary>The group of a call: the first segment of its address.</summary>
    public static string TagOf(ApiDescription call) =>
        PathOf(call)[((TenantDocument.IsOfTenants(PathOf(call)) ? ApiUrls.Tenants : ApiUrls.Admin).Length + 1)..]
            .Split('/')[0];

    private static string PathOf(ApiDescription call) => $"/{call.RelativePath}";

    private static Task Describe(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var words = context.ApplicationServices.GetRequiredService<ApiWords>();
        document.Info = new OpenApiInfo
        {
            Title = words["Doc_Title"], Version = Name,
            Description = words["Doc_About"]
        };
        document.Servers = [new OpenApiServer { Url =
            context.ApplicationServices.GetRequiredService<VigiaSettings>().PortalBaseUrl
            ?.GetLeftPart(UriPartial.Authority) ?? "/" }];
        document.Tags = new HashSet<OpenApiTag>(
            Tags.Select(tag => new OpenApiTag { Name = tag, Description = words[$"Tag_{tag}"] }));
        document.AddComponent(
            Bearer, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer",
                Description = words["Doc_Bearer"]
            });
        return Task.CompletedTask;
    }
}
