using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A product with periodic safety reports.</summary>
[Table("ips_productos"), Comment("A product with periodic safety reports. [FP, models/ips.py]")]
public sealed class IpsProduct : IDemoRow
{
    [Comment("Key. [FP]")]
    public int Id { get; private set; }

    [Comment("The product of the catalogue. [decided]"), References(typeof(Product))]
    public int? ProductId { get; set; }

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

    [Comment("Date of authorisation. [FP]")]
    public DateOnly? FechaAutorizacion { get; set; }

    [Comment("Manufacturer. [FP]"), MaxLength(255)]
    public string? Fabricante { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
