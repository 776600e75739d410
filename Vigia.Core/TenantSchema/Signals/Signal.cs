using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A safety signal.</summary>
[Table("senales"), Comment("A safety signal. [AP: signals; docs/rules.md#named-only]")]
[Lookup("a signal is found by its code", nameof(Codigo), IsUnique = true)]
public sealed class Signal : IDemoRow
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Code. [decided]"), MaxLength(50)]
    public required string Codigo { get; set; }

    [Comment("Title. [EMA GVP module IX; decided]"), MaxLength(255)]
    public required string Titulo { get; set; }

    [Comment("The product. [decided]"), References(typeof(Product))]
    public int? ProductId { get; set; }

    [Comment("MedDRA PT code of the reaction. [decided]"), MaxLength(20)]
    public string? MeddraPtCode { get; set; }

    [Comment("MedDRA PT of the reaction. [decided]"), MaxLength(255)]
    public string? MeddraPtTerm { get; set; }

    [Comment("Where it was seen. [EMA GVP module IX; decided]"), MaxLength(30), DefaultSql("'casos'"),
        OneOf("casos", "literatura", "vigilancia", "autoridad", "otra")]
    public string Fuente { get; set; } = "casos";

    [Comment("State. [EMA GVP module IX: detection, validation, assessment; decided]"), MaxLength(20),
        DefaultSql("'detectada'"), OneOf("detectada", "en_validacion", "validada", "refutada", "cerrada")]
    public string Estado { get; set; } = "detectada";

    [Comment("Priority. [EMA GVP module IX; decided]"), MaxLength(10), DefaultSql("'media'"),
        OneOf("alta", "media", "baja")]
    public string Prioridad { get; set; } = "media";

    [Comment("Proportional reporting ratio. [decided]"), Precision(10, 4)]
    public decimal? Prr { get; set; }

    [Comment("Cases when it was detected. [decided]")]
    public int? NCasos { get; set; }

    [Comment("Description. [decided]")]
    public string? Descripcion { get; set; }

    [Comment("Conclusion and action. [decided]")]
    public string? Conclusion { get; set; }

    [Comment("When it was detected. [decided]")]
    public DateOnly FechaDeteccion { get; set; }

    [Comment("When it was closed. [decided]")]
    public DateOnly? FechaCierre { get; set; }

    [Comment("Who is responsible. [AP: qf; decided]"), References(typeof(TenantUser))]
    public int? ResponsableId { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
