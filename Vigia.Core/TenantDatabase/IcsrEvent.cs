using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>An adverse event of a case. Its dates are texts, as documented: a reporter often knows only the month.</summary>
[Table("icsr_events")]
public sealed class IcsrEvent
{
    [Column("id")]
    public int Id { get; private set; }

    [Column("icsr_id")]
    public int IcsrId { get; set; }

    [Column("texto")]
    public required string Texto { get; set; }

    [Column("tipo_notificacion"), MaxLength(100)]
    public string? TipoNotificacion { get; set; }

    [Column("fecha_inicio"), MaxLength(32)]
    public string? FechaInicio { get; set; }

    [Column("fecha_fin"), MaxLength(32)]
    public string? FechaFin { get; set; }

    [Column("gravedad"), MaxLength(20)]
    public string? Gravedad { get; set; }

    [Column("causalidad"), MaxLength(20)]
    public string? Causalidad { get; set; }

    [Column("desenlace"), MaxLength(100)]
    public string? Desenlace { get; set; }

    [Column("solo_ram_grave")]
    public string? SoloRamGrave { get; set; }

    [Column("texto_correo")]
    public string? TextoCorreo { get; set; }

    [Column("doc_fuente_url")]
    public string? DocFuenteUrl { get; set; }

    [Column("meddra_llt_code"), MaxLength(20)]
    public string? MeddraLltCode { get; set; }

    [Column("meddra_llt_term"), MaxLength(255)]
    public string? MeddraLltTerm { get; set; }

    [Column("meddra_pt_code"), MaxLength(20)]
    public string? MeddraPtCode { get; set; }

    [Column("meddra_pt_term"), MaxLength(255)]
    public string? MeddraPtTerm { get; set; }

    [Column("meddra_pt_manual"), MaxLength(255)]
    public string? MeddraPtManual { get; set; }

    [Column("is_from_narrative")]
    public bool IsFromNarrative { get; set; }
}
