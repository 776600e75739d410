using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Vigia.Core.Staff;

namespace Vigia.Portal.Api;

/// <summary>The scheme of the HTTP API: <c>Authorization: Bearer</c> and nothing else; roles are read anew with every request.</summary>
internal sealed class BearerTokens(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, ApiTokenAuthentication tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "api";

    public const string Challenge = "Bearer realm=\"vigia\"";

    private const string Prefix = "Bearer ";

    /// <summary>The token that the request carries; null for none.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } text && text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..].Trim() : null;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        var actor = await tokens.AuthenticateAsync(TokenOf(Request), Context.Connection.RemoteIpAddress?.ToString(), Context.RequestAborted);
        return actor is null
            ? AuthenticateResult.Fail("No token that works.")
            : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ApiIdentity(actor)), Scheme.Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var given = (await HandleAuthenticateOnceSafeAsync()).Failure is not null;
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = given ? Challenge + ", error=\"invalid_token\"" : Challenge;
    }
}
