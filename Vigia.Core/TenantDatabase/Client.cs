using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>A business partner of the tenant (not to be mixed up with the tenant itself, a client of ours).</summary>
[Table("clients")]
public sealed class Client
{
    [Column("id")]
    public int Id { get; private set; }

    [Column("ruc"), MaxLength(11)]
    public string? Ruc { get; set; }

    [Column("razon_social"), MaxLength(255)]
    public required string RazonSocial { get; set; }

    [Column("contacto_nombre"), MaxLength(255)]
    public string? ContactoNombre { get; set; }

    [Column("correo"), MaxLength(255)]
    public string? Correo { get; set; }

    [Column("telefono"), MaxLength(50)]
    public string? Telefono { get; set; }

    [Column("is_active")]
    public bool IsActive { get; set; } = true;

    [Column("created_at")]
    public DateTimeOffset CreatedAt { get; private set; }
}
