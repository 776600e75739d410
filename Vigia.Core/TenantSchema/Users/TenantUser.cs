using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// A user of one tenant. The product writes <see cref="Roles"/>; a trigger derives <see cref="UserRole"/> from it.
/// </summary>
[Table("users"), Comment("A person who signs in; active ones count against max_usuarios. [UM]")]
[Check("roles", "array_position(roles, NULL) IS NULL")]
// SQLAlchemy writes None into a JSON column as the JSON word null.
[Check("custom_permissions", "jsonb_typeof(custom_permissions) IN ('object', 'null')")]
public sealed class TenantUser : IDemoRow
{
    [Comment("Key. [UM]")]
    public int Id { get; private set; }

    [Comment("Name to sign in with, optional; unique whatever its case. [UM, AL]"), MaxLength(64)]
    public string? Username { get; set; }

    [Comment("E-mail, unique whatever its case. [UM, AL]"), MaxLength(255)]
    public required string Email { get; set; }

    [Comment("bcrypt, as the product's own back end reads it. [UM]"), MaxLength(255)]
    public required string HashedPassword { get; set; }

    [Comment("Only active users sign in and count against the limit. [UM; docs/rules.md#limits]"), DefaultSql("true")]
    public bool IsActive { get; set; } = true;

    [Comment("Role codes; what is written. [UM; docs/rules.md#user-roles]"), DefaultSql("'{}'")]
    public List<string> Roles { get; set; } = [];

    [Comment("Object {\"module\": {\"action\": bool}}; a denial wins over what the roles give. "
        + "[UM; docs/rules.md#user-roles]"), Column(TypeName = "jsonb")]
    public string? CustomPermissions { get; set; }

    [Comment("The employee. [UM]"), References(typeof(Employee))]
    public int? EmpleadoId { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When the row was last changed; set by a trigger. [UM]"), DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
