using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Vigia.Portal.Api.Documentation;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Api;

/// <summary>The staff's HTTP API (<c>/api/v1/admin</c>): the same services as the pages, for scripts.</summary>
internal static class ApiSetup
{
    public static WebApplicationBuilder AddPortalApi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, BearerTokens>(
            BearerTokens.SchemeName, null);
        services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        // An unreadable body is an error of the caller. It gets a 400 in every environment and is never thrown or
        // logged as an error of the portal.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
        services.AddSingleton<ApiLimits>();
        services.AddScoped<ClienteAnswers>();
        DocumentSetup.Add(services);
        return builder;
    }

    /// <summary>The middleware for every request to the API before routing.</summary>
    public static void UseBeforeRouting(WebApplication app) => app.UseWhen(ApiUrls.IsApi, UseErrorsAndLimits);

    /// <summary>Errors as problems, the language of the answer, and the limits of tokens and sources.</summary>
    internal static void UseErrorsAndLimits(IApplicationBuilder api)
    {
        api.UseMiddleware<ApiErrors>();
        api.Use(SetLanguageAsync);
        api.Use((context, next) =>
        {
            context.RequestServices.GetRequiredService<ApiLimits>().DemandRequest(context);
            return next(context);
        });
    }

    /// <summary>The middleware for every request to the API after authorization.</summary>
    public static void UseAfterAuthorization(WebApplication app) =>
        app.UseWhen(ApiUrls.IsApi, api => api.UseMiddleware<DoneCalls>().UseMiddleware<Idempotency>()
            .UseMiddleware<Preconditions>());

    public static void Map(WebApplication app)
    {
        var api = app.MapGroup(ApiUrls.Admin).DisableAntiforgery();
        Preconditions.Document(api);
        AuthEndpoints.Map(api);
        ClientesEndpoints.Map(api);
        ClienteActionsEndpoints.Map(api);
        ClienteDeletionEndpoints.Map(api);
        ClienteDemoDataEndpoints.Map(api);
        DatabasesEndpoints.Map(api);
        ClienteIsolationEndpoints.Map(api);
        ClienteReclaimEndpoints.Map(api);
        ClienteRenameEndpoints.Map(api);
        ClienteAdoptionEndpoints.Map(api);
        OperationsEndpoints.Map(api);
        AuditEndpoints.Map(api);
        DiagnoseEndpoints.Map(api);
        ClienteConnectionEndpoints.Map(api);
        ServiceAccountEndpoints.Map(api);
        DocumentSetup.Map(app);
    }

    // A script has no cookie for its language. Accept-Language decides, and Spanish is the default.
    internal static Task SetLanguageAsync(HttpContext context, RequestDelegate next)
    {
        var wanted = context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1)
            .Select(l => l.Value.Value ?? "");
        var language = wanted.Select(tag => tag.Split('-')[0])
            .FirstOrDefault(tag =>
            tag.Equals("en", StringComparison.OrdinalIgnoreCase)
            || tag.Equals("es", StringComparison.OrdinalIgnoreCase));
        var culture = CultureInfo.GetCultureInfo(
            Preferences.Cultures[string.Equals(language, "en", StringComparison.OrdinalIgnoreCase) ? 1 : 0]);
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, culture);
        context.Response.Headers.ContentLanguage = culture.Name;
        return next(context);
    }
}
