using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components.Oidc;

/// <summary>The company's identity provider: authorization code with PKCE, and nothing at all where none is configured.</summary>
internal static class OidcSetup
{
    public const string Scheme = "oidc";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    // Keys that the provider alone holds: a shared secret would let this portal's own files sign for everybody.
    private static readonly string[] Signatures = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static void AddOidc(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddScoped<OidcEvents>();
        services.AddScoped<OidcTicket>();
        if (configuration[$"{OidcOptions.Section}:{nameof(OidcOptions.Authority)}"] is not { Length: > 0 })
        {
            return;
        }

        services.AddAuthentication().AddOpenIdConnect(Scheme, Configure);
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<OidcOptions>, IHttpContextAccessor>(Configure);
        services.Configure<CookieAuthenticationOptions>(IdentityConstants.ExternalScheme, cookie =>
        {
            // From the callback to the address behind it, no further.
            cookie.Cookie.Name = "vigia.oidc";
            cookie.ExpireTimeSpan = TimeSpan.FromMinutes(1);
            cookie.SlidingExpiration = false;
        });
    }

    private static void Configure(OpenIdConnectOptions oidc)
    {
        oidc.SignInScheme = IdentityConstants.ExternalScheme;
        oidc.EventsType = typeof(OidcEvents);
        oidc.CallbackPath = PortalUrls.OidcCallback;
        oidc.ResponseType = OpenIdConnectResponseType.Code;

        // By GET: a POST from the provider's site would come without our cookies, unless they were SameSite=None.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.MapInboundClaims = false;
        oidc.DisableTelemetry = true;
        oidc.BackchannelTimeout = TimeSpan.FromSeconds(10);
        oidc.RemoteAuthenticationTimeout = Patience;
        oidc.TokenValidationParameters.ClockSkew = OwnOidc.Skew;
        oidc.TokenValidationParameters.ValidAlgorithms = Signatures;

        // Signing out is ours alone: nobody may do it from the provider's site, and leaving the portal leaves nothing else.
        oidc.RemoteSignOutPath = default;
        oidc.SignedOutCallbackPath = default;
    }

    private static void Configure(OpenIdConnectOptions oidc, IOptions<OidcOptions> settings, IHttpContextAccessor http)
    {
        oidc.Authority = settings.Value.Authority;
        oidc.RequireHttpsMetadata = !new Uri(settings.Value.Authority).IsLoopback;
        oidc.ClientId = settings.Value.ClientId;
        oidc.ClientSecret = settings.Value.ClientSecret;
        oidc.Scope.Clear();
        foreach (var scope in settings.Value.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            oidc.Scope.Add(scope);
        }

        // Many providers put the address into the answer of the userinfo endpoint only (OpenID Connect Core 5.4).
        oidc.GetClaimsFromUserInfoEndpoint = true;
        oidc.ClaimActions.Clear();
        oidc.ClaimActions.MapUniqueJsonKey(settings.Value.EmailClaim, settings.Value.EmailClaim);
        oidc.ClaimActions.MapUniqueJsonKey(settings.Value.EmailVerifiedClaim, settings.Value.EmailVerifiedClaim);
        oidc.CorrelationCookie = new RequestCookie(http, "vigia.oidc.correlation.", SameSiteMode.Lax) { Expiration = Patience };
        oidc.NonceCookie = new RequestCookie(http, "vigia.oidc.nonce.", SameSiteMode.Lax) { Expiration = Patience };
    }
}
