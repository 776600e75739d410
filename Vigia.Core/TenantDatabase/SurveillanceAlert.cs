using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>An item that surveillance found in a national or external source.</summary>
[Table("surveillance_alerts")]
public sealed class SurveillanceAlert
{
    [Column("id")]
    public int Id { get; private set; }

    [Column("scope"), MaxLength(20)]
    public required string Scope { get; set; }

    [Column("source_id")]
    public Guid? SourceId { get; set; }

    [Column("n_alerta"), MaxLength(50)]
    public string? NAlerta { get; set; }

    [Column("producto")]
    public string? Producto { get; set; }

    [Column("motivo")]
    public string? Motivo { get; set; }

    [Column("enlace")]
    public string? Enlace { get; set; }

    [Column("fecha_publicada")]
    public DateOnly? FechaPublicada { get; set; }

    [Column("created_at")]
    public DateTimeOffset CreatedAt { get; private set; }
}
