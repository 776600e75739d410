using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Vigia.Core.Configuration;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Oidc;

/// <summary>What is ours in a round to the provider. The protocol itself (state, nonce, PKCE, signatures) is the framework's.</summary>
internal sealed partial class OidcEvents(IOptions<OidcOptions> options, VigiaSettings settings, SignInLimiter limiter, ILogger<OidcEvents> logger) : OpenIdConnectEvents
{
    public override Task RedirectToIdentityProvider(RedirectContext context)
    {
        // Behind a proxy the request may not know how the browser reached it; the setting does, and the provider knows that address.
        if (settings.PortalBaseUrl is { } address)
        {
            context.ProtocolMessage.RedirectUri = new Uri(address, PortalUrls.OidcCallback).ToString();
        }

        context.ProtocolMessage.UiLocales = CultureInfo.CurrentUICulture.Name;
        return Task.CompletedTask;
    }

    // Before anything is asked of the provider: a visitor must not have us call it without end.
    public override Task MessageReceived(MessageReceivedContext context)
    {
        if (limiter.Refuse(context.HttpContext, null) is not null)
        {
            context.HandleResponse();
            context.Response.Redirect(OidcFlow.Failed(null, OidcNotes.Often));
        }

        return Task.CompletedTask;
    }

    // The framework lets a token from the token endpoint go unsigned (OpenID Connect Core 3.1.3.7 no. 6). Ours never is: what is signed can't be made up by
    // who stands between us and the provider.
    public override Task TokenValidated(TokenValidatedContext context)
    {
        return context.SecurityToken is { RawSignature.Length: > 0 } ? Task.CompletedTask : throw new SecurityTokenInvalidSignatureException("The ID token is not signed.");
    }

    // A provider tells more of a person than anybody needs to keep, even for a minute.
    public override Task TicketReceived(TicketReceivedContext context)
    {
        string[] needed = ["iss", "sub", "amr", "auth_time", options.Value.EmailClaim, options.Value.EmailVerifiedClaim];
        context.Principal = new ClaimsPrincipal(new ClaimsIdentity(context.Principal!.Claims.Where(claim => needed.Contains(claim.Type)).Select(claim => new Claim(claim.Type, claim.Value)), OidcSetup.Scheme));
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

    /// <summary>The note of what went wrong between us and the provider; null for what did not go wrong there.</summary>
    public static string? CodeOf(Exception? failure) => failure switch
    {
        null => null,
        HttpRequestException or IOException or TimeoutException or TaskCanceledException { InnerException: TimeoutException } => OidcNotes.Away,

        // The configuration could not be had (IDX20803), whatever was the matter with it.
        InvalidOperationException { Source: string source } when source.StartsWith("Microsoft.IdentityModel", StringComparison.Ordinal) => OidcNotes.Away,
        OpenIdConnectProtocolException => OidcNotes.Failed,
        _ => CodeOf(failure.InnerException),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A round to the identity provider failed ({Code}) from {Address}: {Why}")]
    private static partial void LogFailed(ILogger logger, string code, string? why, string? address);
}
