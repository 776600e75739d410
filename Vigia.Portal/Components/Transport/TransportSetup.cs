using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Vigia.Portal.Components.Transport;

/// <summary>What lies between the browser and us: cookies' names, encryption asked for ever after.</summary>
internal static class TransportSetup
{
    public static IServiceCollection AddTransport(this IServiceCollection services)
    {
        services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        services.AddOptions<AntiforgeryOptions>().Configure<IHttpContextAccessor>((antiforgery, http) =>
        {
            antiforgery.Cookie = new RequestCookie(http, "vigia.antiforgery", SameSiteMode.Strict);

            // X-Frame-Options is SecurityHeaders', for every answer.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        return services.PostConfigureAll<CookieAuthenticationOptions>(options =>
        {
            options.CookieManager = new PrefixedCookies();
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
    }
}
