using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A periodic safety report (IPS/PSUR).</summary>
[Table("ips_reportes"), Comment("A periodic safety report (IPS/PSUR). [FP, PC]")]
[Lookup("reports of a product, in order of period; a version once", nameof(ProductoId), nameof(PeriodoInicio),
    nameof(PeriodoFin), nameof(Version), IsUnique = true)]
[Check("periodo", "periodo_fin >= periodo_inicio")]
public sealed class IpsReport
{
    [Comment("Key. [FP]")]
    public int Id { get; private set; }

    [Comment("The product. [FP]"), References(typeof(IpsProduct))]
    public int ProductoId { get; set; }

    [Comment("First day covered. [FP]")]
    public DateOnly PeriodoInicio { get; set; }

    [Comment("Last day covered, not before the first. [FP]")]
    public DateOnly PeriodoFin { get; set; }

    [Comment("Version. [FP]"), DefaultSql("1")]
    public int Version { get; set; } = 1;

    [Comment("Only drafts are edited or deleted. [PC]"), MaxLength(10), DefaultSql("'borrador'"),
        OneOf("borrador", "validado", "aprobado")]
    public string Estado { get; set; } = "borrador";

    [Comment("Units sold in the period. [FP]")]
    public long? UnidadesComercializadas { get; set; }

    [Comment("Batches distributed. [FP]")]
    public int? LotesDistribuidos { get; set; }

    [Comment("Summary of events. [FP]"), Column(TypeName = "jsonb")]
    public string? EventosResumen { get; set; }

    [Comment("Signals detected. [FP]"), Column(TypeName = "jsonb")]
    public string? SenalesDetectadas { get; set; }

    [Comment("Regulatory actions. [FP]"), Column(TypeName = "jsonb")]
    public string? AccionesRegulatorias { get; set; }

    [Comment("Evaluation of benefit and risk. [FP]"), Column(TypeName = "jsonb")]
    public string? EvaluacionBenefRiesgo { get; set; }

    [Comment("Conclusions. [FP]"), Column(TypeName = "jsonb")]
    public string? Conclusiones { get; set; }

    [Comment("Metadata; the column's name is NOT STATED. [FP; decided]"), Column(TypeName = "jsonb")]
    public string? Metadatos { get; set; }

    [Comment("Who made it. [decided]"), References(typeof(TenantUser))]
    public int? CreadoPor { get; set; }

    [Comment("Who approved it. [PO: ips:approve; decided]"), References(typeof(TenantUser))]
    public int? AprobadoPor { get; set; }

    [Comment("When. [decided]")]
    public DateTimeOffset? AprobadoEn { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
