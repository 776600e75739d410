using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>An individual case safety report.</summary>
[Table("icsr"), Comment("An individual case safety report. [IL, FI, GI; fields beyond them from ICH E2B(R3)]")]
[Lookup("a case is found by its internal code", nameof(CodigoInterno), IsUnique = true)]
[Lookup("list filter fecha_desde/fecha_hasta", nameof(FechaRecepcion))]
[Lookup("list filter by state", nameof(Estado))]
public sealed class Icsr : IDemoRow
{
    [Comment("Key. [IL]")]
    public int Id { get; private set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("Case number. [IL]"), MaxLength(50)]
    public string? Numero { get; set; }

    [Comment("Prefix, year and sequence, such as LAB-2024-001. [GI; the column's name is decided]"), MaxLength(50)]
    public string? CodigoInterno { get; set; }

    [Comment("Initials. [IL, FI; ICH E2B(R3) D.1]"), MaxLength(20)]
    public string? PacienteIniciales { get; set; }

    [Comment("Identity document. [GI; the column's name is decided]"), MaxLength(20)]
    public string? PacienteDni { get; set; }

    [Comment("Date of birth. [GI; ICH E2B(R3) D.2.1]")]
    public DateOnly? PacienteFechaNacimiento { get; set; }

    [Comment("Age. [IL, FI; ICH E2B(R3) D.2.2a]")]
    public int? PacienteEdad { get; set; }

    [Comment("Sex, as the product writes it (Femenino). [IL, FI; ICH E2B(R3) D.5]"), MaxLength(20)]
    public string? PacienteSexo { get; set; }

    [Comment("Weight in kg. [IL, FI; ICH E2B(R3) D.3]"), Precision(6, 2)]
    public decimal? PacientePeso { get; set; }

    [Comment("Main diagnosis. [FI]")]
    public string? PacienteDiagnosticoPrincipal { get; set; }

    [Comment("Reporter's name. [IL; ICH E2B(R3) C.2.r.1]"), MaxLength(255)]
    public string? ReportanteNombre { get; set; }

    [Comment("Reporter's e-mail. [IL]"), MaxLength(255)]
    public string? ReportanteEmail { get; set; }

    [Comment("Reporter's telephone. [IL; ICH E2B(R3) C.2.r.2.7]"), MaxLength(50)]
    public string? ReportanteTelefono { get; set; }

    [Comment("Contact used when e-mail and telephone are missing. [IF]"), MaxLength(255)]
    public string? ReportanteContacto { get; set; }

    [Comment("Suspect product as reported. [IL]")]
    public string? ProductoSospechoso { get; set; }

    [Comment("Start of the event. [IL; ICH E2B(R3) E.i.4]")]
    public DateOnly? FechaInicioEvento { get; set; }

    [Comment("End of the event. [IL; ICH E2B(R3) E.i.5]")]
    public DateOnly? FechaFinEvento { get; set; }

    [Comment("Day of reception, in Lima. [GI; ICH E2B(R3) C.1.4]"),
        DefaultSql("(now() AT TIME ZONE 'America/Lima')::date")]
    public DateOnly FechaRecepcion { get; set; }

    [Comment("Where it came from; web_form for the web intake. [GI]"), MaxLength(50)]
    public string? OrigenNotificacion { get; set; }

    [Comment("Description of the event. [IL; ICH E2B(R3) H.1]")]
    public string? DescripcionEvento { get; set; }

    [Comment("Severity of the case. [IL, GE]"), MaxLength(20), DefaultSql("'Sin clasificar'"),
        OneOf("Grave", "No grave", "Sin clasificar")]
    public string Gravedad { get; set; } = "Sin clasificar";

    [Comment("State. [FI, GE, IU; docs/rules.md#documented-states]"), MaxLength(20), DefaultSql("'Pendiente'"),
        OneOf("Pendiente", "En progreso", "Completado", "Enviado", "Cerrado")]
    public string Estado { get; set; } = "Pendiente";

    [Comment("Causality of the case. [IL; docs/rules.md#documented-states]"), MaxLength(20),
        OneOf("Definida", "Probable", "Posible", "Improbable", "Condicional", "Inclasificable")]
    public string? EaCausalidad { get; set; }

    [Comment("Outcome. [IL; ICH E2B(R3) E.i.7]"), MaxLength(100)]
    public string? EaDesenlace { get; set; }

    [Comment("Who did the quality check. [IU]"), MaxLength(255)]
    public string? QcRealizadoPor { get; set; }

    [Comment("When. [IU]")]
    public DateOnly? QcFecha { get; set; }

    [Comment("When it was sent to DIGEMID. [IU]")]
    public DateOnly? LtFechaEnvioDigemid { get; set; }

    [Comment("Review for signals. [IU]")]
    public string? RevisionSenales { get; set; }

    [Comment("Comments. [IU]")]
    public string? ComentariosAdicionales { get; set; }

    [Comment("Worldwide unique case identification. [ICH E2B(R3) C.1.8.1]"), MaxLength(100)]
    public string? IdentificadorMundial { get; set; }

    [Comment("Type of report. [ICH E2B(R3) C.1.3]"), MaxLength(20),
        OneOf("espontaneo", "estudio", "otro", "no_disponible")]
    public string? TipoReporte { get; set; }

    [Comment("Most recent information. [ICH E2B(R3) C.1.5]")]
    public DateOnly? FechaInformacionReciente { get; set; }

    [Comment("Nullification or amendment. [ICH E2B(R3) C.1.11.1]"), MaxLength(15), OneOf("anulado", "enmendado")]
    public string? Anulacion { get; set; }

    [Comment("Why it was nullified or amended. [ICH E2B(R3) C.1.11.2]")]
    public string? MotivoAnulacion { get; set; }

    [Comment("Qualification of the reporter. [ICH E2B(R3) C.2.r.4]"), MaxLength(30),
        OneOf("medico", "farmaceutico", "otro_profesional", "abogado", "consumidor")]
    public string? ReportanteCalificacion { get; set; }

    [Comment("Organisation of the reporter. [ICH E2B(R3) C.2.r.2.1]"), MaxLength(255)]
    public string? ReportanteInstitucion { get; set; }

    [Comment("Country of the reporter (ISO 3166-1). [ICH E2B(R3) C.2.r.3]"), MaxLength(2)]
    public string? ReportantePais { get; set; }

    [Comment("Unit of the age; years when null. [ICH E2B(R3) D.2.2b]"), MaxLength(10),
        OneOf("años", "meses", "semanas", "días", "horas", "décadas")]
    public string? PacienteEdadUnidad { get; set; }

    [Comment("Age group. [ICH E2B(R3) D.2.3]"), MaxLength(20),
        OneOf("feto", "neonato", "lactante", "niño", "adolescente", "adulto", "adulto_mayor")]
    public string? PacienteGrupoEtario { get; set; }

    [Comment("Height in cm. [ICH E2B(R3) D.4]"), Precision(5, 1)]
    public decimal? PacienteTalla { get; set; }

    [Comment("Last menstrual period. [ICH E2B(R3) D.6]")]
    public DateOnly? PacienteFum { get; set; }

    [Comment("Medical history as text. [ICH E2B(R3) D.7.2]")]
    public string? PacienteHistoria { get; set; }

    [Comment("Date of death. [ICH E2B(R3) D.9.1]")]
    public DateOnly? PacienteFechaMuerte { get; set; }

    [Comment("Whether there was an autopsy. [ICH E2B(R3) D.9.3]")]
    public bool? PacienteAutopsia { get; set; }

    [Comment("Sender's diagnosis. [ICH E2B(R3) H.3.r]")]
    public string? DiagnosticoRemitente { get; set; }

    [Comment("Sender's comments. [ICH E2B(R3) H.4]")]
    public string? ComentarioRemitente { get; set; }

    [Comment("Day by which it must be sent; the deadlines are not confirmed by any source. "
        + "[docs/rules.md#reporting-deadlines; decided]")]
    public DateOnly? FechaLimiteEnvio { get; set; }

    [Comment("Who works on it. [AP: case assignment; decided]"), References(typeof(TenantUser))]
    public int? AsignadoA { get; set; }

    [Comment("Whether there is litigation. [AP: legal, litigation cases; decided]"), DefaultSql("false")]
    public bool EnLitigio { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
