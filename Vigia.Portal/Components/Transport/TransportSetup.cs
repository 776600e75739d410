using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Vigia.Portal.Components.Transport;

/// <summary>Secures the transport between browser and portal: names of cookies and HSTS.</summary>
internal static class TransportSetup
{
    public static IServiceCollection AddTransport(this IServiceCollection services)
    {
        services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        services.AddOptions<AntiforgeryOptions>().Configure<IHttpContextAccessor>((antiforgery, http) =>
        {
            antiforgery.Cookie = new RequestCookie(http, "vigia.antiforgery", SameSiteMode.Strict);

            // SecurityHeaders sets X-Frame-Options on every response.
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        return services.PostConfigureAll<CookieAuthenticationOptions>(options =>
        {
            options.CookieManager = new PrefixedCookies();
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
    }
}
