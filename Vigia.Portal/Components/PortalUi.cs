using Microsoft.AspNetCore.Localization;
using MudBlazor;
using MudBlazor.Services;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Portal.Api;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Layout;
using Vigia.Portal.Components.Oidc;
using Vigia.Portal.Components.Sessions;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components;

/// <summary>The staff's side of the portal: pages, account pages, languages, static files.</summary>
public static class PortalUi
{
    private const long LargestMessage = 1024 * 1024;

    public static WebApplicationBuilder AddPortalUi(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents().AddInteractiveServerComponents();

        // A pasted text of 20 KiB would end a circuit at the default of 32 KiB for a whole message.
        services.AddSignalR(options => options.MaximumReceiveMessageSize = LargestMessage);
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomLeft;
            mud.SnackbarConfiguration.ShowTransitionDuration = 120;
            mud.SnackbarConfiguration.HideTransitionDuration = 120;
            mud.SnackbarConfiguration.MaxDisplayedSnackbars = 4;
            mud.SnackbarConfiguration.PreventDuplicates = false;
        });
        services.AddTransient<MudLocalizer, MudTexts>();
        services.AddLocalization();
        services.AddHttpContextAccessor();
        services.AddScoped<PageServices>();
        services.AddCascadingAuthenticationState();
        services.AddSingleton<PortalNotices>();
        services.AddScoped<PageClock>();
        services.AddScoped<Audit.AuditSentences>();
        services.AddScoped<Team.TeamServices>();
        services.AddScoped<Tenants.TenantServicesOfPage>();
        services.AddScoped<Tenants.TenantTrail>();
        services.AddScoped<Tenants.TenantSelection>();
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.SetDefaultCulture(Preferences.Cultures[0]).AddSupportedCultures(Preferences.Cultures).AddSupportedUICultures(Preferences.Cultures);
            options.RequestCultureProviders = [new CustomRequestCultureProvider(Preferences.CultureAsync)];
        });
        services.AddStaffSignIn();
        services.AddOidc(builder.Configuration);
        services.AddTransport();
        services.AddSingleton<FirstAdministrator>();
        return builder;
    }

    /// <summary>The staff's pages, where this process has that job, and on PORTAL_BASE_URL's host only when that is set.</summary>
    public static WebApplication MapPortalUi(this WebApplication app)
    {
        var settings = app.Services.GetRequiredService<VigiaSettings>();
        if (!settings.Roles.HasFlag(PortalRoles.Staff))
        {
            return app;
        }

        if (settings.PortalBaseUrl is { Host: var host })
        {
            app.Use((context, next) => IsHealth(context) || string.Equals(context.Request.Host.Host, host, StringComparison.OrdinalIgnoreCase) ? next(context) : NotHere(context));
        }

        app.UseMiddleware<SecurityHeaders>();
        app.UseHsts();
        app.UseRequestLocalization();
        app.UseWhen(IsPage, pages =>
        {
            pages.UseExceptionHandler(PortalUrls.Error, createScopeForErrors: true);
            pages.UseStatusCodePagesWithReExecute(PortalUrls.NotFound, createScopeForStatusCodePages: true);
        });

        ApiSetup.UseBeforeRouting(app);

        // Here and not at the start, where it goes by itself: what is executed again must be matched again.
        app.UseRouting();
        app.UseAuthentication();
        app.UseMiddleware<LockedRequests>();
        app.UseMiddleware<SecondFactorGate>();
        app.UseAuthorization();
        ApiSetup.UseAfterAuthorization(app);
        app.UseAntiforgery();
        app.UseMiddleware<StaleForms>();
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = "'none'");
        Preferences.Map(app);
        Audit.AuditExports.Map(app);
        Tenants.TenantExportEndpoint.Map(app);
        Team.TeamExports.Map(app);
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
