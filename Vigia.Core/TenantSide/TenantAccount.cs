using Vigia.Core.TenantSchema;

namespace Vigia.Core.TenantSide;

/// <summary>A user of a tenant, without the password.</summary>
public sealed record TenantAccount
{
    public required int Id { get; init; }
    public required string? Username { get; init; }
    public required string Email { get; init; }

    /// <summary>The name of the employee. Null when the user is none.</summary>
    public string? FullName { get; init; }

    public required bool IsActive { get; init; }
    public required IReadOnlyList<string> Roles { get; init; }
    public int? EmployeeId { get; init; }

    /// <summary>Known only for a caller; empty at the sign-in.</summary>
    public TenantPermissions Permissions { get; init; } = TenantPermissions.Merge([], null);

    /// <summary>The primary role: administrator if held, else the first.</summary>
    public string? Role => Roles.Contains(TenantSchema.Role.Admin) ? TenantSchema.Role.Admin
        : Roles is [var first, ..] ? first : null;

    internal static TenantAccount Of(StoredUser user) => new()
    {
        Id = user.Id, Username = user.Username, Email = user.Email, IsActive = user.IsActive,
        Roles = user.Roles, EmployeeId = user.EmpleadoId,
    };

    internal static TenantAccount Of(TenantUser user) => new()
    {
        Id = user.Id, Username = user.Username, Email = user.Email, IsActive = user.IsActive,
        Roles = user.Roles, EmployeeId = user.EmpleadoId,
    };
}
