using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>
/// The company's identity provider: authorization code flow with PKCE. Registers nothing when no provider is
/// configured.
/// </summary>
internal static class OidcSetup
{
    public const string Scheme = "oidc";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    // Only algorithms whose key the provider alone holds. With a shared secret, anyone who can read the portal's files
    // could sign tokens for everybody.
    private static readonly string[] Signatures =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static void AddOidc(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddScoped<OidcEvents>();
        services.AddScoped<OidcTicket>();
        if (configuration[$"{OidcOptions.Section}:{nameof(OidcOptions.Authority)}"] is not { Length: > 0 })
        {
            return;
        }

        services.AddAuthentication().AddOpenIdConnect(Scheme, Configure);
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<OidcOptions>,
        IHttpContextAccessor>(Configure);
        services.Configure<CookieAuthenticationOptions>(IdentityConstants.ExternalScheme, cookie =>
        {
            // This cookie is only needed from the callback to the next address.
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

        // A GET response: a POST from the provider's site would arrive without our cookies, unless they were
        // SameSite=None.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.MapInboundClaims = false;
        oidc.DisableTelemetry = true;
        oidc.BackchannelTimeout = TimeSpan.FromSeconds(10);
        oidc.RemoteAuthenticationTimeout = Patience;
        oidc.TokenValidationParameters.ClockSkew = OwnOidc.Skew;
        oidc.TokenValidationParameters.ValidAlgorithms = Signatures;

        // Only the portal signs people out. The provider's site can't do it, and signing out of the portal does not
        // sign out of anything else.
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

        // Many providers return the e-mail address only from the userinfo endpoint (OpenID Connect Core 5.4).
        oidc.GetClaimsFromUserInfoEndpoint = true;
        oidc.ClaimActions.Clear();
        oidc.ClaimActions.MapUniqueJsonKey(settings.Value.EmailClaim, settings.Value.EmailClaim);
        oidc.ClaimActions.MapUniqueJsonKey(settings.Value.EmailVerifiedClaim, settings.Value.EmailVerifiedClaim);
        oidc.CorrelationCookie =
            new RequestCookie(http, "vigia.oidc.correlation.", SameSiteMode.Lax) { Expiration = Patience };
        oidc.NonceCookie = new RequestCookie(http, "vigia.oidc.nonce.", SameSiteMode.Lax) { Expiration = Patience };
    }
}
