using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff.SignIn;

namespace Vigia.Portal.Components.SignIn.Oidc;

/// <summary>The identity that the provider returned, in an encrypted cookie that lasts one minute.</summary>
public sealed class OidcTicket(IOptions<OidcOptions> options)
{
    private const string MoreThanOne = "mfa";

    /// <summary>Reads the ticket and removes it from the browser.</summary>
    /// <param name="context">The request.</param>
    /// <param name="purpose">The purpose that the ticket must have. A ticket for signing in confirms nothing.</param>
    /// <returns>Null when there is no such ticket.</returns>
    internal async Task<(OidcFlow Flow, OidcIdentity Who)?> TakeAsync(HttpContext context, OidcPurpose purpose)
    {
        var ticket = await context.AuthenticateAsync(IdentityConstants.ExternalScheme);
        if (!ticket.Succeeded)
        {
            return null;
        }

        await context.SignOutAsync(IdentityConstants.ExternalScheme);
        return OidcFlow.Read(ticket.Properties) is { } flow && flow.Purpose == purpose
            && ticket.Principal.FindFirstValue("iss") is { Length: > 0 } issuer
                && ticket.Principal.FindFirstValue("sub") is { Length: > 0 } subject
            ? (flow, IdentityOf(ticket.Principal, issuer, subject))
            : null;
    }

    private OidcIdentity IdentityOf(ClaimsPrincipal who, string issuer, string subject) =>
        new(issuer, subject, who.FindFirstValue(options.Value.EmailClaim)?.Trim(),
            who.FindFirstValue(options.Value.EmailVerifiedClaim) is { } verified
            && (verified == "1" || (bool.TryParse(verified, out var yes) && yes)))
        {
            HasSecondFactor = who.HasClaim("amr", MoreThanOne),
            AuthenticatedAt = long.TryParse(
                who.FindFirstValue("auth_time"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                && seconds < int.MaxValue
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null,
        };
}
