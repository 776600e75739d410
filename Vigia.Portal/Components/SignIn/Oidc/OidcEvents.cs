using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>
/// The portal's part of a round trip to the provider. The framework implements the protocol itself (state, nonce, PKCE,
/// signatures).
/// </summary>
internal sealed partial class OidcEvents(
    IOptions<OidcOptions> options, VigiaSettings settings, SignInLimiter limiter, ILogger<OidcEvents> logger)
    : OpenIdConnectEvents
{
    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        // Behind a proxy, the request may not show the address that the browser used. The setting has it, and the
        // provider has that address registered.
        if (settings.PortalBaseUrl is { } address)
        {
            context.ProtocolMessage.RedirectUri = new Uri(address, PortalUrls.OidcCallback).ToString();
        }

        context.ProtocolMessage.UiLocales = CultureInfo.CurrentUICulture.Name;
        return Task.CompletedTask;
    }

    // Limits the rate before the provider is called, so that a visitor can't make the portal call it without end.
    public override Task MessageReceived(MessageReceivedContext context)
    {
        if (limiter.Refuse(context.HttpContext, SignInWay.Provider) is not null)
        {
            context.HandleResponse();
            context.Response.Redirect(OidcFlow.Failed(null, OidcNotes.Often));
        }

        return Task.CompletedTask;
    }

    // The framework accepts an unsigned token from the token endpoint (OpenID Connect Core 3.1.3.7 no. 6). The portal
    // requires a signature, so that an attacker between the portal and the provider can't forge a token.
    public override Task TokenValidated(TokenValidatedContext context)
    {
        return context.SecurityToken is { RawSignature.Length: > 0 } ? Task.CompletedTask
            : throw new SecurityTokenInvalidSignatureException("The ID token is not signed.");
    }

    // A provider sends more personal data than the portal needs. The rest is not kept, not even for a minute.
    public override Task TicketReceived(TicketReceivedContext context)
    {
        string[] needed = ["iss", "sub", "amr", "auth_time", options.Value.EmailClaim,
            options.Value.EmailVerifiedClaim];
        context.Principal =
            new ClaimsPrincipal(
            new ClaimsIdentity(context.Principal!.Claims.Where(claim => needed.Contains(claim.Type))
            .Select(claim => new Claim(claim.Type, claim.Value)), OidcSetup.Scheme));
        return Task.CompletedTask;
    }

    public override Task RemoteFailure(RemoteFailureContext context)
    {
        var code = CodeOf(context.Failure) ?? OidcNotes.Failed;
        LogFailed(logger, code, context.Failure?.Message, context.HttpContext.Connection.RemoteIpAddress?.ToString());
        context.HandleResponse();
        context.Response.Redirect(OidcFlow.Failed(OidcFlow.Read(context.Properties), code));
        return Task.CompletedTask;
    }

    /// <summary>The note for an error between the portal and the provider. Null for any other error.</summary>
    public static string? CodeOf(Exception? failure) => failure switch
    {
        null => null,
        HttpRequestException or IOException or TimeoutException
            or TaskCanceledException { InnerException: TimeoutException } => OidcNotes.Away,

        // The provider's configuration could not be loaded (IDX20803), for whatever reason.
        InvalidOperationException { Source: string source } when source.StartsWith(
            "Microsoft.IdentityModel", StringComparison.Ordinal) => OidcNotes.Away,
        OpenIdConnectProtocolException => OidcNotes.Failed,
        _ => CodeOf(failure.InnerException),
    };

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "A round to the identity provider failed ({Code}) from {Address}: {Why}")]
    private static partial void LogFailed(ILogger logger, string code, string? why, string? address);
}
