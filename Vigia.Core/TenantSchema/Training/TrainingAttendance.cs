using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>Attendance of an employee at a session.</summary>
[Table("cap_asistencias"), Comment("Attendance of an employee at a session. [TR: exists, shape NOT STATED]")]
[Lookup("attendance of a session; a person once", nameof(SesionId), nameof(EmpleadoId), IsUnique = true)]
[Check("nota", "nota BETWEEN 0 AND 20")]
public sealed class TrainingAttendance
{
    [Comment("Key. [decided, as the other training tables]")]
    public Guid Id { get; init; } = Guid.CreateVersion7();

    [Comment("The session. [TR]"), References(typeof(TrainingSession), OnDelete = DeleteBehavior.Cascade)]
    public Guid SesionId { get; set; }

    [Comment("The employee. [TR]"), References(typeof(Employee))]
    public int EmpleadoId { get; set; }

    [Comment("Whether they came. [TR]"), DefaultSql("false")]
    public bool Asistio { get; set; }

    [Comment("Mark, 0-20. [decided: Peru's scale]"), Precision(5, 2)]
    public decimal? Nota { get; set; }

    [Comment("When they signed. [decided]")]
    public DateTimeOffset? FirmadoEn { get; set; }

    [Comment("Comments. [decided]")]
    public string? Comentarios { get; set; }
}
