using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A session of a programme.</summary>
[Table("cap_sesiones"), Comment("A session of a programme. [TR: CapSesion]")]
[Lookup("sessions of a programme", nameof(ProgramaId))]
[Check("mes_programado", "mes_programado BETWEEN 1 AND 12")]
public sealed class TrainingSession
{
    [Comment("Key. [TR]")]
    public Guid Id { get; init; } = Guid.CreateVersion7();

    [Comment("The programme. [TR]"), References(typeof(TrainingProgramme), OnDelete = DeleteBehavior.Cascade)]
    public Guid ProgramaId { get; set; }

    [Comment("Title. [TR]"), MaxLength(255)]
    public required string Titulo { get; set; }

    [Comment("Subject. [TR]")]
    public string? Tema { get; set; }

    [Comment("When. [TR: datetime]")]
    public DateTimeOffset? FechaProgramada { get; set; }

    [Comment("Minutes. [TR]")]
    public int? DuracionMin { get; set; }

    [Comment("How. [TR]"), MaxLength(10), DefaultSql("'presencial'"), OneOf("presencial", "virtual", "hibrida")]
    public string Modalidad { get; set; } = "presencial";

    [Comment("Instructor. [TR]"), MaxLength(255)]
    public string? Instructor { get; set; }

    [Comment("Place. [TR]"), MaxLength(255)]
    public string? Ubicacion { get; set; }

    [Comment("Most participants. [TR]")]
    public int? MaxParticipantes { get; set; }

    [Comment("Month, 1-12. [TR]")]
    public int? MesProgramado { get; set; }
}
