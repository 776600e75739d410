using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// A commercial document of the tenant. Documents issued in a month, in Lima, count against max_comprobantes.
/// </summary>
[Table("comprobantes"),
    Comment("A commercial document the tenant issues; what was issued in a Lima month counts against "
        + "max_comprobantes. [SEED; docs/rules.md#limits]")]
[Lookup("a number is issued once", nameof(Tipo), nameof(Serie), nameof(Numero), IsUnique = true)]
public sealed class Voucher : IDemoRow
{
    [Comment("Key. [docs/rules.md#keys]")]
    public int Id { get; private set; }

    [Comment("Where it was issued. [decided]"), References(typeof(Establishment))]
    public int? EstablecimientoId { get; set; }

    [Comment("To whom. [decided]"), References(typeof(BusinessPartner))]
    public int? ClientId { get; set; }

    [Comment("Kind. [SUNAT catalogue 01; decided]"), MaxLength(20),
        OneOf("factura", "boleta", "nota_credito", "nota_debito", "guia_remision")]
    public required string Tipo { get; set; }

    [Comment("Series. [SUNAT: four characters; decided]"), MaxLength(4)]
    public required string Serie { get; set; }

    [Comment("Number within the series. [SUNAT; decided]")]
    public int Numero { get; set; }

    [Comment("Date printed on it, as the tenant says. It is not what the limit counts by. [SUNAT; decided]")]
    public DateOnly FechaEmision { get; set; }

    [Comment("ISO 4217 currency. [decided]"), MaxLength(3), DefaultSql("'PEN'")]
    public string Moneda { get; set; } = "PEN";

    [Comment("Amount before tax. [decided]"), Precision(14, 2)]
    public decimal? Subtotal { get; set; }

    [Comment("Tax (IGV). [decided]"), Precision(14, 2)]
    public decimal? Igv { get; set; }

    [Comment("Amount to pay. [decided]"), Precision(14, 2)]
    public decimal? Total { get; set; }

    [Comment("A draft is not issued; an annulled one was. [docs/rules.md#limits; decided]"), MaxLength(10),
        DefaultSql("'borrador'"), OneOf("borrador", "emitido", "anulado")]
    public string Estado { get; set; } = "borrador";

    [Comment("When it was issued, by the database's clock; set by a trigger. [docs/rules.md#limits]")]
    public DateTimeOffset? EmitidoEn { get; private set; }

    [Comment("First day of the Lima month it counts in; set by a trigger. [docs/rules.md#limits]")]
    public DateOnly? Periodo { get; private set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
