using System.Diagnostics;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.TenantSide;
using Vigia.Portal.Components.SignIn;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>The form of a sign-in, for the document.</summary>
internal sealed record LoginRequest
{
    public string? Username { get; init; }
    public string? Password { get; init; }
}

/// <summary>An invitation and the new password.</summary>
internal sealed record AcceptanceRequest
{
    public string? Token { get; init; }
    public string? Password { get; init; }
}

/// <summary>A token and whose it is.</summary>
internal sealed record LoginAnswer(string AccessToken, string TokenType, LoginUser User);

/// <summary>The user who signed in.</summary>
internal sealed record LoginUser(
    int Id, string? Username, string Email, string? Role, IReadOnlyList<string> Roles);

/// <summary>The caller, with what they may do.</summary>
internal sealed record MeAnswer(
    int Id, string Email, string? Username, string? FullName, string? Role, IReadOnlyList<string> Roles,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, bool>> Permissions, bool IsActive, int? EmpleadoId);

/// <summary>Sign-in, the caller's own account, and the invitation of the first administrator.</summary>
internal static class TenantAuthEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("auth/login", LoginAsync).WithName("login").ForTenant()
            .WithMetadata(new Takes(typeof(LoginRequest), LoginForm.MediaType)).Gives<LoginAnswer>(200)
            .Refuses(401, "credentials_wrong").Refuses(409, "read_only").Refuses(422, "invalid_input");
        api.MapGet("auth/me", MeAsync).WithName("readMe").ForTenantUser().Gives<MeAnswer>(200);
        api.MapPost("auth/invitation", AcceptAsync).WithName("acceptInvitation").ForTenant()
            .Takes<AcceptanceRequest>().WithMetadata(new Answer(204, null))
            .Refuses(409, "limit_reached", "read_only", "audit_closed").Refuses(410, "invitation_gone")
            .Refuses(422, "invalid_input");
    }

    private static async Task<IResult> LoginAsync(
        HttpContext context, RequestTenant request, LoginForm form, TenantSignIn signIn, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var from = new SignInOrigin(context.Connection.RemoteIpAddress?.ToString(), null);
        var signedIn = form.IsSound ? await signIn.SignInAsync(
            request.Tenant, form.Username, form.Password, from, Activity.Current?.TraceId.ToHexString(),
            cancellationToken) : null;
        if (signedIn is null)
        {
            await SignInWait.DelayRefusalAsync(startedAt, time, cancellationToken);
            throw new ApiRefusal(StatusCodes.Status401Unauthorized, new Message("credentials_wrong"));
        }

        var user = signedIn.User;
        return Results.Ok(new LoginAnswer(
            signedIn.Token, "bearer", new LoginUser(user.Id, user.Username, user.Email, user.Role, user.Roles)));
    }

    private static async Task<IResult> MeAsync(
        TenantUserCall call, TenantUserSessions sessions, CancellationToken cancellationToken)
    {
        var user = await sessions.ReadAccountAsync(call.Caller, cancellationToken);
        return Results.Ok(new MeAnswer(
            user.Id, user.Email, user.Username, user.FullName, user.Role, user.Roles, user.Permissions.ByModule(),
            user.IsActive, user.EmployeeId));
    }

    private static async Task<IResult> AcceptAsync(
        HttpContext context, RequestTenant request, Body<AcceptanceRequest> body, InvitationAcceptance invitations,
        CancellationToken cancellationToken)
    {
        var (token, password) = (body.Value.Token, body.Value.Password);
        var missing = new[] { ("token", token), ("password", password) }
            .Where(field => string.IsNullOrEmpty(field.Item2))
            .ToDictionary(field => field.Item1, IReadOnlyList<Message> (_) => [new Message("field_required")]);
        if (missing.Count > 0)
        {
            throw new InvalidInputException(missing);
        }

        await invitations.AcceptAsync(
            request.Tenant, token, password!, context.Connection.RemoteIpAddress?.ToString(), cancellationToken);
        return Results.NoContent();
    }
}
