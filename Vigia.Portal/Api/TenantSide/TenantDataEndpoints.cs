using Vigia.Core.TenantSide;

namespace Vigia.Portal.Api.TenantSide;

/// <summary>The tenant itself: its name, its plan, its limits and their use.</summary>
internal sealed record TenantAnswer(
    string? RazonSocial, string Subdominio, string? Plan, string? Entorno, DateTimeOffset? ExpiresAt,
    TenantLimitsAnswer Limits, TenantUsageAnswer Usage);

/// <summary>The limits in force. Null is unlimited.</summary>
internal sealed record TenantLimitsAnswer(
    int? MaxUsuarios, int? MaxEstablecimientos, int? MaxComprobantes, bool LimitarEmision);

/// <summary>How much of each limit is used.</summary>
internal sealed record TenantUsageAnswer(int Usuarios, int Establecimientos, int Comprobantes);

/// <summary>A new user.</summary>
internal sealed record NewUser
{
    public string? Email { get; init; }
    public string? Username { get; init; }
    public string? Password { get; init; }
    public IReadOnlyList<string?>? Roles { get; init; }
    public int? EmpleadoId { get; init; }
}

/// <summary>A user.</summary>
internal sealed record UserAnswer(
    int Id, string? Username, string Email, bool IsActive, IReadOnlyList<string> Roles, int? EmpleadoId,
    DateTimeOffset CreatedAt)
{
    public static UserAnswer Of(TenantUserRow row) =>
        new(row.Id, row.Username, row.Email, row.IsActive, row.Roles, row.EmployeeId, row.CreatedAt);
}

/// <summary>The tenant's own data, as far as its limits count it.</summary>
internal static class TenantDataEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("tenant", TenantAsync).WithName("readTenant").ForTenantUser().Gives<TenantAnswer>(200);
        api.MapGet("users", UsersAsync).WithName("listUsers").ForTenantUser(TenantUsers.ListPermission)
            .Query(QueryParameter.Page, QueryParameter.PageSize).Gives<ListAnswer<UserAnswer>>(200)
            .Refuses(422, "invalid_input");
        api.MapPost("users", CreateUserAsync).WithName("createUser").ForTenantUser(TenantUsers.CreatePermission)
            .Takes<NewUser>().Gives<UserAnswer>(201).Refuses(403, "role_beyond_own")
            .Refuses(409, "limit_reached", "user_email_taken", "user_username_taken", "read_only")
            .Refuses(422, "invalid_input");
    }

    private static async Task<IResult> TenantAsync(
        TenantUserCall call, TenantOverview overview, CancellationToken cancellationToken)
    {
        var self = await overview.ReadAsync(call.Caller, cancellationToken);
        var limits = self.Limits;
        return Results.Ok(new TenantAnswer(
            self.LegalName, self.Subdomain, self.Plan, self.Environment, self.ExpiresAt,
            new TenantLimitsAnswer(
                limits.MaxUsuarios, limits.MaxEstablecimientos, limits.MaxComprobantes, limits.LimitarEmision),
            new TenantUsageAnswer(self.Users, self.Establishments, self.Documents)));
    }

    private static async Task<IResult> UsersAsync(
        TenantUserCall call, QueryValues query, TenantUsers users, CancellationToken cancellationToken) =>
        Results.Ok(ListAnswers.Of(
            await users.ListAsync(call.Caller, query.Page, query.PageSize, cancellationToken), UserAnswer.Of));

    private static async Task<IResult> CreateUserAsync(
        TenantUserCall call, Body<NewUser> body, TenantUsers users, CancellationToken cancellationToken)
    {
        var wanted = body.Value;
        var user = await users.CreateAsync(call.Caller, new NewTenantUser
        {
            Email = wanted.Email, Username = wanted.Username, Password = wanted.Password, Roles = wanted.Roles,
            EmployeeId = wanted.EmpleadoId,
        }, cancellationToken);
        return Results.Json(UserAnswer.Of(user), statusCode: StatusCodes.Status201Created);
    }
}
