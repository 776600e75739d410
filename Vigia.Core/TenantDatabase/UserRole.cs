using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>A role a user holds: derived from <c>users.roles</c> by a trigger and written by nobody else.</summary>
[Table("user_roles")]
public sealed class UserRole
{
    [Column("user_id")]
    public int UserId { get; private set; }

    [Column("role_id")]
    public int RoleId { get; private set; }
}
