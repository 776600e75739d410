using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>A medicine the tenant holds the registration of.</summary>
[Table("products")]
public sealed class Product
{
    [Column("id")]
    public int Id { get; private set; }

    [Column("nombre"), MaxLength(255)]
    public required string Nombre { get; set; }

    [Column("principio_activo"), MaxLength(255)]
    public string? PrincipioActivo { get; set; }

    [Column("forma_farmaceutica"), MaxLength(100)]
    public string? FormaFarmaceutica { get; set; }

    [Column("presentacion"), MaxLength(255)]
    public string? Presentacion { get; set; }

    [Column("via"), MaxLength(100)]
    public string? Via { get; set; }

    [Column("registro_sanitario"), MaxLength(50)]
    public string? RegistroSanitario { get; set; }

    [Column("rs_vencimiento")]
    public DateOnly? RsVencimiento { get; set; }

    [Column("fecha_autorizacion")]
    public DateOnly? FechaAutorizacion { get; set; }

    [Column("fabricante"), MaxLength(255)]
    public string? Fabricante { get; set; }

    [Column("laboratorio"), MaxLength(255)]
    public string? Laboratorio { get; set; }

    [Column("created_at")]
    public DateTimeOffset CreatedAt { get; private set; }
}
