using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantDatabase;

/// <summary>An individual case safety report.</summary>
[Table("icsr")]
public sealed class Icsr
{
    [Column("id")]
    public int Id { get; private set; }

    [Column("created_at")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Column("numero"), MaxLength(50)]
    public string? Numero { get; set; }

    /// <summary>Prefix, year and sequence, such as <c>LAB-2024-001</c>.</summary>
    [Column("codigo_interno"), MaxLength(50)]
    public string? CodigoInterno { get; set; }

    [Column("paciente_iniciales"), MaxLength(20)]
    public string? PacienteIniciales { get; set; }

    [Column("paciente_dni"), MaxLength(20)]
    public string? PacienteDni { get; set; }

    [Column("paciente_fecha_nacimiento")]
    public DateOnly? PacienteFechaNacimiento { get; set; }

    [Column("paciente_edad")]
    public int? PacienteEdad { get; set; }

    [Column("paciente_sexo"), MaxLength(20)]
    public string? PacienteSexo { get; set; }

    [Column("paciente_peso"), Precision(6, 2)]
    public decimal? PacientePeso { get; set; }

    [Column("paciente_diagnostico_principal")]
    public string? PacienteDiagnosticoPrincipal { get; set; }

    [Column("reportante_nombre"), MaxLength(255)]
    public string? ReportanteNombre { get; set; }

    [Column("reportante_email"), MaxLength(255)]
    public string? ReportanteEmail { get; set; }

    [Column("reportante_telefono"), MaxLength(50)]
    public string? ReportanteTelefono { get; set; }

    [Column("reportante_contacto"), MaxLength(255)]
    public string? ReportanteContacto { get; set; }

    [Column("producto_sospechoso")]
    public string? ProductoSospechoso { get; set; }

    [Column("fecha_inicio_evento")]
    public DateOnly? FechaInicioEvento { get; set; }

    [Column("fecha_fin_evento")]
    public DateOnly? FechaFinEvento { get; set; }

    [Column("fecha_recepcion")]
    public DateOnly FechaRecepcion { get; set; }

    [Column("origen_notificacion"), MaxLength(50)]
    public string? OrigenNotificacion { get; set; }

    [Column("descripcion_evento")]
    public string? DescripcionEvento { get; set; }

    [Column("gravedad"), MaxLength(20)]
    public string Gravedad { get; set; } = "Sin clasificar";

    [Column("estado"), MaxLength(20)]
    public string Estado { get; set; } = "Pendiente";

    [Column("ea_causalidad"), MaxLength(20)]
    public string? EaCausalidad { get; set; }

    [Column("ea_desenlace"), MaxLength(100)]
    public string? EaDesenlace { get; set; }

    [Column("qc_realizado_por"), MaxLength(255)]
    public string? QcRealizadoPor { get; set; }

    [Column("qc_fecha")]
    public DateOnly? QcFecha { get; set; }

    [Column("lt_fecha_envio_digemid")]
    public DateOnly? LtFechaEnvioDigemid { get; set; }

    [Column("revision_senales")]
    public string? RevisionSenales { get; set; }

    [Column("comentarios_adicionales")]
    public string? ComentariosAdicionales { get; set; }
}
