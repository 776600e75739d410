using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A certificate of a programme.</summary>
[Table("cap_certificados"), Comment("A certificate of a programme. [TR: exists, shape NOT STATED]")]
[Lookup("a certificate is checked by its code", nameof(Codigo), IsUnique = true)]
public sealed class TrainingCertificate
{
    [Comment("Key. [decided]")]
    public Guid Id { get; init; } = Guid.CreateVersion7();

    [Comment("The programme. [TR]"), References(typeof(TrainingProgramme), OnDelete = DeleteBehavior.Cascade)]
    public Guid ProgramaId { get; set; }

    [Comment("The employee. [TR]"), References(typeof(Employee))]
    public int EmpleadoId { get; set; }

    [Comment("Code printed on it. [decided]"), MaxLength(50)]
    public required string Codigo { get; set; }

    [Comment("Date of issue. [decided]")]
    public DateOnly FechaEmision { get; set; }

    [Comment("End of validity. [decided]")]
    public DateOnly? VenceEn { get; set; }

    [Comment("The file. [decided]"), References(typeof(Document), OnDelete = DeleteBehavior.SetNull)]
    public int? DocumentoId { get; set; }
}
