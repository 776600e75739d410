using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>A product of a case: suspected, or taken along with it (<c>concomitante</c>).</summary>
[Table("icsr_products")]
public sealed class IcsrProduct
{
    [Column("id")]
    public int Id { get; private set; }

    [Column("icsr_id")]
    public int IcsrId { get; set; }

    [Column("tipo"), MaxLength(20)]
    public string Tipo { get; set; } = "sospechoso";

    [Column("nombre"), MaxLength(255)]
    public required string Nombre { get; set; }

    [Column("principio_activo"), MaxLength(255)]
    public string? PrincipioActivo { get; set; }

    [Column("forma_farmaceutica"), MaxLength(100)]
    public string? FormaFarmaceutica { get; set; }

    [Column("registro_sanitario"), MaxLength(50)]
    public string? RegistroSanitario { get; set; }

    [Column("lote"), MaxLength(50)]
    public string? Lote { get; set; }

    [Column("via"), MaxLength(100)]
    public string? Via { get; set; }

    [Column("dosis"), MaxLength(100)]
    public string? Dosis { get; set; }

    [Column("frecuencia"), MaxLength(100)]
    public string? Frecuencia { get; set; }

    [Column("fecha_inicio"), MaxLength(32)]
    public string? FechaInicio { get; set; }

    [Column("fecha_fin"), MaxLength(32)]
    public string? FechaFin { get; set; }

    /// <summary>Rechallenge: what happened when it was given again.</summary>
    [Column("reexposicion"), MaxLength(100)]
    public string? Reexposicion { get; set; }

    /// <summary>Dechallenge: what happened when it was withdrawn.</summary>
    [Column("retirada"), MaxLength(100)]
    public string? Retirada { get; set; }
}
