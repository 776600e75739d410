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
    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("auth/token", SignInAsync).WithName("createToken").AllowAnonymous().Takes<TokenRequest>()
            .WithMetadata(new SmallBody())
            .Gives<TokenAnswer>(200)
            .Refuses(401, "credentials_wrong").Refuses(409, "read_only", "audit_closed")
            .Refuses(422, "invalid_input");

    private static async Task<IResult> SignInAsync(
        HttpContext context, StaffCredentials credentials, ApiTokenAuthentication tokens,
        TimeProvider time, ILogger<ApiTokenAuthentication> logger, CancellationToken cancellationToken)
    {
        var address = context.Connection.RemoteIpAddress?.ToString();
        var startedAt = time.GetTimestamp();
        if (await ReadAsync(context) is not { } request)
        {
            LogRefused(logger, null, CredentialOutcome.Refused, address);
            await SignInWait.DelayRefusalAsync(startedAt, time, cancellationToken);
            throw new ApiRefusal(StatusCodes.Status401Unauthorized, new Message("credentials_wrong"));
        }

        // A program has no browser that could be known, so strangers who try its account's name delay it.
        var check = await credentials.CheckAsync(
            request.Email!.Trim(), request.Password!, request.TwoFactorCode, new SignInOrigin(address, null),
            cancellationToken);
        if (!check.IsAccepted)
        {
            LogRefused(logger, check.Member?.Id, check.Outcome, address);
            await SignInWait.DelayRefusalAsync(startedAt, time, cancellationToken);
            throw new ApiRefusal(StatusCodes.Status401Unauthorized, new Message("credentials_wrong"));
        }

        var issued = await tokens.IssueAsync(check.Member, check.Method, address, cancellationToken);
        return Results.Ok(new TokenAnswer(issued.Token, "bearer", (int)ApiTokenAuthentication.ShortLived.TotalSeconds));
    }

    // Text that nothing can be stored as is no credential, as on the page for signing in. Everything else may be one: a
    // password may have invisible characters.
    private static async Task<TokenRequest?> ReadAsync(HttpContext context)
    {
        TokenRequest request;
        try
        {
            request = (await Body<TokenRequest>.BindAsync(context)).Value;
        }
        catch (InvalidInputException invalid) when (
            invalid.Errors.Values.SelectMany(all => all).All(error => error.Code == "text_lone_surrogate"))
        {
            return null;
        }

        var (email, password) = (request.Email?.Trim() ?? "", request.Password ?? "");
        if (email.Length == 0 || password.Length == 0)
        {
            throw new InvalidInputException(new[] { ("email", email), ("password", password) }
                .Select(field => (Name: field.Item1, Wrong: field.Item2.Length == 0
                    ? new Message("field_required") : SafeText.Problem(field.Item2, AccountInput.Longest)))
                .Where(field => field.Wrong is not null)
                .ToDictionary(field => field.Name, IReadOnlyList<Message> (field) => [field.Wrong!]));
        }

        return AccountInput.IsSound(email) && AccountInput.IsSound(password)
            && AccountInput.IsSound(request.TwoFactorCode ?? "") ? request : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Token for {StaffId} not issued ({Outcome}) to {Address}")]
    private static partial void LogRefused(ILogger logger, Guid? staffId, CredentialOutcome outcome, string? address);
}
