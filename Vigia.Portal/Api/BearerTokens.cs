using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.ServiceAccounts;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Api;

/// <summary>
/// The authentication scheme of the HTTP API: only <c>Authorization: Bearer</c>. Roles are read again on every request.
/// </summary>
internal sealed class BearerTokens(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "api";

    public const string Challenge = "Bearer realm=\"vigia\"";

    private const string Prefix = "Bearer ";

    /// <summary>The token of the request. Null when there is none.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { } text
            && text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? text[Prefix.Length..].Trim() : null;
    }

    /// <summary>
    /// The person or the service account of the request's token, as they are now. Null when it does not work.
    /// </summary>
    public static Task<Actor?> ActorOfAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var (token, address) = (TokenOf(context.Request), context.Connection.RemoteIpAddress?.ToString());
        return ServiceTokenAuthentication.IsOurs(token)
            ? context.RequestServices.GetRequiredService<ServiceTokenAuthentication>()
                .AuthenticateAsync(token, address, cancellationToken)
            : context.RequestServices.GetRequiredService<ApiTokenAuthentication>()
                .AuthenticateAsync(token, address, cancellationToken);
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization.Count == 0)
        {
            return AuthenticateResult.NoResult();
        }

        var actor = await ActorOfAsync(Context, Context.RequestAborted);
        return actor is null
            ? AuthenticateResult.Fail("No token that works.")
            : AuthenticateResult.Success(
                new AuthenticationTicket(new ClaimsPrincipal(new ApiIdentity(actor, SchemeName)), Scheme.Name));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var given = (await HandleAuthenticateOnceSafeAsync()).Failure is not null;
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = given ? Challenge + ", error=\"invalid_token\"" : Challenge;
    }
}
