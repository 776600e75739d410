using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A role of a user. Only a trigger writes it, derived from <c>users.roles</c>.</summary>
[Table("user_roles"),
    Comment("Roles of users, derived from users.roles by a trigger. [SEED; docs/rules.md#user-roles]")]
[Lookup("who holds a role", nameof(RoleId))]
[Unregulated("derived from users, which is recorded")]
public sealed class UserRole
{
    [Comment("The user. [SEED]"), References(typeof(TenantUser), OnDelete = DeleteBehavior.Cascade)]
    public int UserId { get; private set; }

    [Comment("The role. [SEED]"), References(typeof(Role))]
    public int RoleId { get; private set; }
}
