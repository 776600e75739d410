using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantDatabase;

/// <summary>A role a user holds: derived from <c>users.roles</c> by a trigger and written by nobody else.</summary>
[Table("user_roles"), Comment("Roles of users, derived from users.roles by a trigger. [SEED; facts 7.2]")]
[Lookup("who holds a role", nameof(RoleId))]
[Unregulated("derived from users, which is recorded")]
public sealed class UserRole
{
    [Comment("The user. [SEED]"), References(typeof(TenantUser), OnDelete = DeleteBehavior.Cascade)]
    public int UserId { get; private set; }

    [Comment("The role. [SEED]"), References(typeof(Role))]
    public int RoleId { get; private set; }
}
