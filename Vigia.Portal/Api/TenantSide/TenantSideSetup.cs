using Vigia.Core.Foundation.Configuration;
using Vigia.Portal.Components.Layout;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Transport;
using Vigia.Portal.Components.Welcome;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>
/// Adds the side for the users of tenants: their API (<c>/api/v1</c>), its document, and the page of an invitation. It
/// has a pipeline of its own, so that nothing of the staff's sign-in is in it, and it works without the staff's side
/// (VIGIA_ROLES).
/// </summary>
internal static class TenantSideSetup
{
    private const string Sites = "tenant-sites";

    public static WebApplicationBuilder AddTenantSide(this WebApplicationBuilder builder, VigiaSettings settings)
    {
        // VigiaCore has not registered the services of the tenant side either.
        if (!settings.Roles.HasFlag(InstanceRoles.Tenant))
        {
            return builder;
        }

        // Tokens are in a header that scripts set themselves, never in a cookie, so no site gets credentials.
        builder.Services.AddCors(cors => cors.AddPolicy(Sites, policy => policy
            .WithOrigins([.. settings.CorsOrigins]).WithMethods("GET", "POST")
            .WithHeaders("Authorization", "Content-Type", "Accept-Language", TenantGate.Header)
            .WithExposedHeaders("Retry-After", "WWW-Authenticate", "Content-Language")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));
        builder.Services.AddSingleton(new SafetySetting(
            "CORS_ORIGINS", () => string.Join(", ", settings.CorsOrigins),
            () => settings.CorsOrigins.Contains("*") ? "scripts of any site may call the tenants' API" : null));
        builder.Services.AddScoped<WelcomeEndpoints>();
        TenantDocument.Add(builder.Services);
        return builder;
    }

    /// <summary>
    /// Maps the tenant side if this process serves it. With PORTAL_BASE_URL, it answers on every host but that one, and
    /// nothing else does there. Its calls are unknown to the staff's pipeline, and theirs to this one.
    /// </summary>
    public static WebApplication MapTenantSide(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<VigiaSettings>();
        if (!settings.Roles.HasFlag(InstanceRoles.Tenant))
        {
            return app;
        }

        var (hasStaff, staffHost) = (settings.Roles.HasFlag(InstanceRoles.Staff), settings.PortalBaseUrl?.Host);
        app.UseWhen(context => !IsHostOfStaff(context), side => side.UseMiddleware<FormerHosts>());
        app.MapWhen(context => IsTenantPath(context) || !MayBeForStaff(context), side =>
        {
            side.UseMiddleware<SecurityHeaders>();
            side.UseHsts();
            side.UseRequestLocalization();
            side.UseWhen(ApiUrls.IsTenantApi, api =>
            {
                api.UseCors(Sites);
                ApiSetup.UseErrorsAndLimits(api);
            });
            side.UseMiddleware<FormBodies>();
            side.Use((context, next) => IsForCircuits(context)
                || (IsBoundToHost(context) && IsHostOfStaff(context))
                ? NotHere(context) : next(context));
            side.Use(HeadRequests.BeforeRouting);
            side.UseRouting();
            side.UseMiddleware<TenantGate>();
            side.UseMiddleware<Preconditions>();
            side.UseEndpoints(MapEndpoints);
        });
        return app;

        bool IsHostOfStaff(HttpContext context) => staffHost is not null && RequestHost.Is(context, staffHost);

        bool MayBeForStaff(HttpContext context) => context.Request.Path.StartsWithSegments("/health")
            || (hasStaff && (staffHost is null || IsHostOfStaff(context)));
    }

    private static void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        var api = endpoints.MapGroup(ApiUrls.Tenants).DisableAntiforgery().AllowAnonymous();
        TenantAuthEndpoints.Map(api);
        TenantDataEndpoints.Map(api);
        TenantBusinessEndpoints.Map(api);
        TenantDocument.Map(endpoints);

        // The page shares the limit of its source with the API.
        WelcomeEndpoints.Map(
            endpoints, context => context.RequestServices.GetRequiredService<ApiLimits>().WaitOf(context));

        // Style sheets, scripts and fonts of the page, and its choice of language and theme.
        endpoints.MapStaticAssets().AllowAnonymous();
        Preferences.Map(endpoints);
    }

    private static bool IsTenantPath(HttpContext context) =>
        IsBoundToHost(context) || context.Request.Path.StartsWithSegments(ApiUrls.TenantsDocument);

    private static bool IsBoundToHost(HttpContext context) =>
        ApiUrls.IsTenantApi(context) || context.Request.Path.StartsWithSegments(PortalUrls.TenantInvitation);

    // The scripts of the staff's pages. The page of an invitation has no circuit.
    private static bool IsForCircuits(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/_framework") || context.Request.Path.StartsWithSegments("/_content");

    private static Task NotHere(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
