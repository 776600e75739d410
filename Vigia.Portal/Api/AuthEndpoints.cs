using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.SignIn;

namespace Vigia.Portal.Api;

/// <summary>The credentials for a token.</summary>
internal sealed record TokenRequest
{
    public string? Email { get; init; }
    public string? Password { get; init; }

    /// <summary>Six digits from the authenticator, or a recovery code.</summary>
    public string? TwoFactorCode { get; init; }
}

/// <summary>A short-lived bearer token.</summary>
internal sealed record TokenAnswer(string AccessToken, string TokenType, int ExpiresIn);

/// <summary>Sign-in through the API.</summary>
internal static partial class AuthEndpoints
{
    internal const int LongestInput = 400;

    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("auth/token", SignInAsync).WithName("createToken").AllowAnonymous().Takes<TokenRequest>()
            .Gives<TokenAnswer>(200)
            .Refuses(401, "credentials_wrong").Refuses(409, "read_only", "audit_closed")
            .Refuses(422, "invalid_input");

    private static async Task<IResult> SignInAsync(
        Body<TokenRequest> body, HttpContext context, StaffCredentials credentials, ApiTokenAuthentication tokens,
        TimeProvider time, ILogger<ApiTokenAuthentication> logger, CancellationToken cancellationToken)
    {
        var request = body.Value;
        Demand(request);
        var address = context.Connection.RemoteIpAddress?.ToString();
        var startedAt = time.GetTimestamp();

        // A program has no browser that could be known, so strangers who try its account's name delay it.
        var check = await credentials.CheckAsync(
            request.Email!.Trim(), request.Password!, request.TwoFactorCode, new SignInOrigin(address, null),
            cancellationToken);
        if (!check.IsAccepted)
        {
            LogRefused(logger, check.Member?.Id, check.Outcome, address);
            await SignInWait.EvenAsync(startedAt, time, cancellationToken);
            throw new ApiRefusal(StatusCodes.Status401Unauthorized, new Message("credentials_wrong"));
        }

        var issued = await tokens.IssueAsync(check.Member, check.Method, address, cancellationToken);
        return Results.Ok(new TokenAnswer(issued.Token, "bearer", (int)ApiTokenAuthentication.ShortLived.TotalSeconds));
    }

    private static void Demand(TokenRequest request)
    {
        var errors = new (string Field, string? Text, bool Needed)[] { ("email", request.Email, true),
            ("password", request.Password, true), ("two_factor_code", request.TwoFactorCode, false) }
            .Select(f => (f.Field,
                Wrong: string.IsNullOrWhiteSpace(f.Text) ? (f.Needed ? new Message("field_required") : null)
                : SafeText.Problem(f.Text, LongestInput)))
            .Where(f => f.Wrong is not null).ToDictionary(f => f.Field, IReadOnlyList<Message> (f) => [f.Wrong!]);
        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Token for {StaffId} not issued ({Outcome}) to {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, CredentialOutcome outcome, string? address);
}
