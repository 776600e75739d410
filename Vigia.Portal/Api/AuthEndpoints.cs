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
            .Refuses(401, "credentials_wrong", "second_factor_needed", "second_factor_wrong")
                .Refuses(403, "second_factor_required").Refuses(409, "read_only", "audit_closed")
            .Refuses(422, "invalid_input").Refuses(423, "locked_out");

    private static async Task<IResult> SignInAsync(
        Body<TokenRequest> body, HttpContext context, StaffCredentials credentials, ApiTokenAuthentication tokens,
        SignInLimiter limiter, ILogger<ApiTokenAuthentication> logger, CancellationToken cancellationToken)
    {
        var request = body.Value;
        Demand(request);
        var address = context.Connection.RemoteIpAddress?.ToString();
        if (limiter.Refuse(address, request.Email) is { } wait)
        {
            throw new ApiRefusal(
                StatusCodes.Status429TooManyRequests, new Message("too_many_requests"))
            { RetryAfter = wait };
        }

        var check = await credentials.CheckAsync(
            request.Email!.Trim(), request.Password!, request.TwoFactorCode, address, cancellationToken);
        if (!check.IsAccepted)
        {
            LogRefused(logger, check.Member?.Id, check.Outcome, address);
            throw RefusalOf(check.Outcome);
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

    private static ApiRefusal RefusalOf(CredentialOutcome outcome) => outcome switch
    {
        CredentialOutcome.LockedOut => new ApiRefusal(StatusCodes.Status423Locked, new Message("locked_out")),
        CredentialOutcome.SecondFactorMissing =>
            new ApiRefusal(StatusCodes.Status403Forbidden, new Message("second_factor_required")),
        CredentialOutcome.SecondFactorNeeded =>
            new ApiRefusal(StatusCodes.Status401Unauthorized, new Message("second_factor_needed")),
        CredentialOutcome.SecondFactorWrong =>
            new ApiRefusal(StatusCodes.Status401Unauthorized, new Message("second_factor_wrong")),
        _ => new ApiRefusal(StatusCodes.Status401Unauthorized, new Message("credentials_wrong")),
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Token for {StaffId} not issued ({Outcome}) to {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, CredentialOutcome outcome, string? address);
}
