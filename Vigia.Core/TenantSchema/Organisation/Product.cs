using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A medicine for which the tenant holds the registration.</summary>
[Table("products"), Comment(
    "A medicine the tenant holds the registration of. "
    + "[SEED; shape after IPSProducto and rs_catalog_map; docs/rules.md#products-and-clients]")]
public sealed class Product : IDemoRow
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Name. [FP]"), MaxLength(255)]
    public required string Nombre { get; set; }

    [Comment("Active ingredient. [FP]"), MaxLength(255)]
    public string? PrincipioActivo { get; set; }

    [Comment("Pharmaceutical form. [FP]"), MaxLength(100)]
    public string? FormaFarmaceutica { get; set; }

    [Comment("Presentation. [FP]"), MaxLength(255)]
    public string? Presentacion { get; set; }

    [Comment("Route. [FP]"), MaxLength(100)]
    public string? Via { get; set; }

    [Comment("Registration number. [FP]"), MaxLength(50)]
    public string? RegistroSanitario { get; set; }

    [Comment("End of the registration. [IU: rs_catalog_map]")]
    public DateOnly? RsVencimiento { get; set; }

    [Comment("Date of authorisation. [FP]")]
    public DateOnly? FechaAutorizacion { get; set; }

    [Comment("Manufacturer. [FP]"), MaxLength(255)]
    public string? Fabricante { get; set; }

    [Comment("Laboratory. [IU: rs_catalog_map]"), MaxLength(255)]
    public string? Laboratorio { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("Strength. [decided]"), MaxLength(100)]
    public string? Concentracion { get; set; }

    [Comment("WHO ATC code. [decided]"), MaxLength(10)]
    public string? AtcCode { get; set; }

    [Comment("Whether it is sold. [decided]"), DefaultSql("true")]
    public bool IsActive { get; set; } = true;

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }
}
