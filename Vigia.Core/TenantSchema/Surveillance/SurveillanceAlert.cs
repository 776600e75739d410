using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>An item that surveillance found in a national or external source.</summary>
[Table("surveillance_alerts"),
    Comment("An item that surveillance found in a national or external source. "
        + "[SEED; SO; DIG; docs/rules.md#surveillance-alerts]")]
[Lookup("results of a scope, newest first", nameof(Scope), nameof(FechaPublicada))]
public sealed class SurveillanceAlert : IDemoRow
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Scope. [FS]"), MaxLength(20), OneOf("national", "external")]
    public required string Scope { get; set; }

    [Comment("The source. [FS]"), References(typeof(SurveillanceSource), OnDelete = DeleteBehavior.SetNull)]
    public Guid? SourceId { get; set; }

    [Comment("Number of DIGEMID's alert. [DIG]"), MaxLength(50)]
    public string? NAlerta { get; set; }

    [Comment("Product. [DIG]")]
    public string? Producto { get; set; }

    [Comment("Reason. [DIG]")]
    public string? Motivo { get; set; }

    [Comment("Link. [DIG]")]
    public string? Enlace { get; set; }

    [Comment("Day of publication. [DIG]")]
    public DateOnly? FechaPublicada { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("Severity; its values are NOT STATED. [SO; decided]"), MaxLength(10), OneOf("alta", "media", "baja")]
    public string? Severidad { get; set; }

    [Comment("What became of it. [decided]"), MaxLength(12), DefaultSql("'nueva'"),
        OneOf("nueva", "revisada", "descartada")]
    public string Estado { get; set; } = "nueva";

    [Comment("Who reviewed it. [decided]"), References(typeof(TenantUser))]
    public int? RevisadoPor { get; set; }

    [Comment("When. [decided]")]
    public DateTimeOffset? RevisadoEn { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }
}
