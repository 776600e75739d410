using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Localization;
using MudBlazor;
using MudBlazor.Services;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Postgres;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Api;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Layout;
using Vigia.Portal.Components.Operations;
using Vigia.Portal.Components.Sessions;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.SignIn;
using Vigia.Portal.Components.SignIn.Oidc;
using Vigia.Portal.Components.Team;
using Vigia.Portal.Components.Transport;
using Vigia.Portal.Startup;

namespace Vigia.Portal.Components;

/// <summary>Registers the portal for staff: pages, account pages, languages, static files.</summary>
public static class PortalUi
{
    public static WebApplicationBuilder AddPortalUi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();
        builder.AddLimits();
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomLeft;
            mud.SnackbarConfiguration.ShowTransitionDuration = 120;
            mud.SnackbarConfiguration.HideTransitionDuration = 120;
            mud.SnackbarConfiguration.MaxDisplayedSnackbars = 3;
            mud.SnackbarConfiguration.PreventDuplicates = false;
        });
        services.AddTransient<MudLocalizer, MudTexts>();
        services.AddWording();
        services.AddTransient<IStringLocalizer<OperationText>, FeatureNames<OperationText>>();
        services.AddTransient<IStringLocalizer<AuditText>, FeatureNames<AuditText>>();
        services.AddTransient<IStringLocalizer<TeamText>, FeatureNames<TeamText>>();
        services.AddHttpContextAccessor();
        services.AddScoped<PageDialogs>();
        services.AddScoped<NoticeLog>();
        services.AddScoped<PageNotices>();
        services.AddScoped<Drafts>();
        services.AddScoped<BrowserCalls>();
        services.AddScoped<PageFeed>();
        services.AddScoped<CircuitLine>();
        services.AddScoped<CircuitLock>();
        services.AddScoped<CircuitHandler>(provider => provider.GetRequiredService<CircuitLine>());
        services.AddCascadingAuthenticationState();
        services.AddSingleton<PortalNotices>();
        services.AddScoped<PageClock>();
        services.AddScoped<AuditSentences>();
        services.AddScoped<Tenants.AvailabilityCheck>();
        services.AddScoped<Tenants.TenantListOrigin>();
        services.AddScoped<FinishedNotice>();
        services.AddScoped<NotifiedUntil>();
        services.AddScoped<Tenants.TenantSelection>();
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.SetDefaultCulture(Preferences.Cultures[0]).AddSupportedCultures(Preferences.Cultures)
                .AddSupportedUICultures(Preferences.Cultures);
            options.RequestCultureProviders = [new CustomRequestCultureProvider(Preferences.CultureAsync)];
        });
        services.AddStaffAccess();
        services.AddStaffSignIn();
        services.AddStaffSessions();
        services.AddOidc(builder.Configuration);
        services.AddTransport();
        services.AddSingleton<FirstAdministrator>();
        return builder;
    }

    /// <summary>
    /// Maps the pages if this process serves them. They respond only to the host of PORTAL_BASE_URL if that is set.
    /// </summary>
    public static WebApplication MapPortalUi(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<VigiaSettings>();
        if (!settings.Roles.HasFlag(InstanceRoles.Staff))
        {
            return app;
        }

        if (settings.PortalBaseUrl is { Host: var host })
        {
            app.Use((context, next) =>
                IsHealth(context) || RequestHost.Is(context, host) ? next(context) : NotHere(context));
        }

        app.UseMiddleware<SecurityHeaders>();
        app.UseHsts();
        app.UseRequestLocalization();
        app.UseWhen(IsPage, pages =>
        {
            pages.UseExceptionHandler(new ExceptionHandlerOptions
            {
                ExceptionHandlingPath = PortalUrls.Error,
                CreateScopeForErrors = true,
                StatusCodeSelector = e =>
                    TransientFailures.IsServerUnavailable(e) ? StatusCodes.Status503ServiceUnavailable
                    : StatusCodes.Status500InternalServerError,
            });
            pages.UseStatusCodePagesWithReExecute(PortalUrls.NotFound, createScopeForStatusCodePages: true);
        });

        app.UseWhen(context => !IsPage(context) && !ApiUrls.IsApi(context),
            others => others.UseMiddleware<UnavailableAnswers>());
        ApiSetup.UseBeforeRouting(app);

        // Called here and not at the default place at the start, because a re-executed request must be matched again.
        app.UseMiddleware<FormBodies>();
        app.Use(HeadRequests.BeforeRouting);
        app.UseRouting();
        app.Use(HeadRequests.AfterRouting);
        app.UseAuthentication();
        app.UseMiddleware<CircuitGate>();
        app.UseMiddleware<LockedRequests>();
        app.UseMiddleware<SecondFactorGate>();
        app.UseAuthorization();
        app.UseMiddleware<SameOriginRequests>();
        ApiSetup.UseAfterAuthorization(app);
        app.UseMiddleware<RunningAnswers>();
        app.UseAntiforgery();
        app.UseMiddleware<StaleForms>();
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>()
            .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = "'none'");
        Preferences.Map(app);
        AuditExports.Map(app);
        Tenants.TenantExportEndpoint.Map(app);
        TeamExports.Map(app);
        SignOutEndpoint.Map(app);
        ApiSetup.Map(app);
        SessionEndpoints.Map(app);
        PasskeyEndpoints.Map(app);
        OidcEndpoints.Map(app);
        return app;
    }

    private static bool IsHealth(HttpContext context) => context.Request.Path.StartsWithSegments("/health");

    private static Task NotHere(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static bool IsPage(HttpContext context) =>
        !ApiUrls.IsApi(context)
        && !IsHealth(context)
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
}
