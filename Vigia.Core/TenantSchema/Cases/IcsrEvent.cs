using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// An adverse event of a case. Its dates are texts, as documented, because a reporter often knows only the month.
/// </summary>
[Table("icsr_events"),
    Comment("An adverse event of a case. Its dates are texts, as documented: a reporter often knows only the month. "
        + "[IE]")]
[Check("texto", "btrim(texto) <> ''")]
[Lookup("GET /icsr/{icsr_id}/eventos", nameof(IcsrId))]
public sealed class IcsrEvent
{
    [Comment("Key; the order of the events. [IE]")]
    public int Id { get; private set; }

    [Comment("The case. [IE]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("As reported; not empty. [IE; ICH E2B(R3) E.i.1.1a]")]
    public required string Texto { get; set; }

    [Comment("Type of notification. [IE]"), MaxLength(100)]
    public string? TipoNotificacion { get; set; }

    [Comment("Start. [IE; ICH E2B(R3) E.i.4]"), MaxLength(32)]
    public string? FechaInicio { get; set; }

    [Comment("End. [IE; ICH E2B(R3) E.i.5]"), MaxLength(32)]
    public string? FechaFin { get; set; }

    [Comment("Severity of this event. [IE]"), MaxLength(20), OneOf("Grave", "No grave", "Sin clasificar")]
    public string? Gravedad { get; set; }

    [Comment("Causality of this event. [IE; docs/rules.md#documented-states]"), MaxLength(20),
        OneOf("Definida", "Probable", "Posible", "Improbable", "Condicional", "Inclasificable")]
    public string? Causalidad { get; set; }

    [Comment("Outcome. [IE; ICH E2B(R3) E.i.7]"), MaxLength(100)]
    public string? Desenlace { get; set; }

    [Comment("As documented; its meaning is NOT STATED. [IE]")]
    public string? SoloRamGrave { get; set; }

    [Comment("Text of the e-mail it came from. [IE]")]
    public string? TextoCorreo { get; set; }

    [Comment("Address of the source document. [IE]")]
    public string? DocFuenteUrl { get; set; }

    [Comment("LLT code. [IE; ICH E2B(R3) E.i.2.1b]"), MaxLength(20)]
    public string? MeddraLltCode { get; set; }

    [Comment("LLT. [IE]"), MaxLength(255)]
    public string? MeddraLltTerm { get; set; }

    [Comment("PT code. [IE]"), MaxLength(20)]
    public string? MeddraPtCode { get; set; }

    [Comment("PT. [IE]"), MaxLength(255)]
    public string? MeddraPtTerm { get; set; }

    [Comment("PT entered by hand. [IE]"), MaxLength(255)]
    public string? MeddraPtManual { get; set; }

    [Comment("Whether it was found in the narrative. [IE]"), DefaultSql("false")]
    public bool IsFromNarrative { get; set; }

    [Comment("The version of the codes. [FA; ICH E2B(R3) E.i.2.1a]"), References(typeof(MeddraVersion))]
    public int? MeddraVersionId { get; set; }

    [Comment("Results in death. [ICH E2B(R3) E.i.3.2a]"), DefaultSql("false")]
    public bool Muerte { get; set; }

    [Comment("Life-threatening. [ICH E2B(R3) E.i.3.2b]"), DefaultSql("false")]
    public bool AmenazaVida { get; set; }

    [Comment("Caused or prolonged hospitalisation. [ICH E2B(R3) E.i.3.2c]"), DefaultSql("false")]
    public bool Hospitalizacion { get; set; }

    [Comment("Disabling or incapacitating. [ICH E2B(R3) E.i.3.2d]"), DefaultSql("false")]
    public bool Discapacidad { get; set; }

    [Comment("Congenital anomaly or birth defect. [ICH E2B(R3) E.i.3.2e]"), DefaultSql("false")]
    public bool AnomaliaCongenita { get; set; }

    [Comment("Other medically important condition. [ICH E2B(R3) E.i.3.2f]"), DefaultSql("false")]
    public bool OtraCondicion { get; set; }

    [Comment("Confirmed by a health professional. [ICH E2B(R3) E.i.8]")]
    public bool? ConfirmadoMedicamente { get; set; }

    [Comment("Country where it occurred (ISO 3166-1). [ICH E2B(R3) E.i.9]"), MaxLength(2)]
    public string? Pais { get; set; }
}
