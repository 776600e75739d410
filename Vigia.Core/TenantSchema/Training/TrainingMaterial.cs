using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>Material of a programme.</summary>
[Table("cap_materiales"), Comment("Material of a programme. [TR: CapMaterial, cut]")]
[Lookup("materials of a programme", nameof(ProgramaId))]
public sealed class TrainingMaterial
{
    [Comment("Key. [TR]")]
    public Guid Id { get; init; } = Guid.CreateVersion7();

    [Comment("The programme. [decided]"), References(typeof(TrainingProgramme), OnDelete = DeleteBehavior.Cascade)]
    public Guid ProgramaId { get; set; }

    [Comment("The session, where it belongs to one. [decided]"),
        References(typeof(TrainingSession), OnDelete = DeleteBehavior.Cascade)]
    public Guid? SesionId { get; set; }

    [Comment("Title. [TR]"), MaxLength(255)]
    public required string Titulo { get; set; }

    [Comment("Description. [TR]")]
    public string? Descripcion { get; set; }

    [Comment("Address, for what is elsewhere. [decided]")]
    public string? Url { get; set; }

    [Comment("The document, for what is here. [decided]"),
        References(typeof(Document), OnDelete = DeleteBehavior.SetNull)]
    public int? DocumentoId { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
