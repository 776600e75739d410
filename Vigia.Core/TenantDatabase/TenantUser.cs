using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>A person who signs in to one tenant. <see cref="Roles"/> is what is written; a trigger keeps <see cref="UserRole"/> from it.</summary>
[Table("users")]
public sealed class TenantUser
{
    [Column("id")]
    public int Id { get; private set; }

    [Column("username"), MaxLength(64)]
    public string? Username { get; set; }

    [Column("email"), MaxLength(255)]
    public required string Email { get; set; }

    /// <summary>bcrypt, as the product's own back end reads it.</summary>
    [Column("hashed_password"), MaxLength(255)]
    public required string HashedPassword { get; set; }

    [Column("is_active")]
    public bool IsActive { get; set; } = true;

    [Column("roles")]
    public List<string> Roles { get; set; } = [];

    /// <summary>JSON object <c>{"module": {"action": bool}}</c>; a denial wins over what the roles give.</summary>
    [Column("custom_permissions", TypeName = "jsonb")]
    public string? CustomPermissions { get; set; }

    // The employees' table is not one of the nine, so there is nothing to refer to yet.
    [Column("empleado_id")]
    public int? EmpleadoId { get; set; }

    [Column("created_at")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Column("updated_at")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
