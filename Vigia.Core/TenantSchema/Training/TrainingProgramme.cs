using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A training programme.</summary>
[Table("cap_programas"), Comment("A training programme. [TR: CapPrograma]")]
public sealed class TrainingProgramme : IDemoRow
{
    [Comment("Key. [TR]")]
    public Guid Id { get; init; } = Guid.CreateVersion7();

    [Comment("Title. [TR]"), MaxLength(255)]
    public required string Titulo { get; set; }

    [Comment("Description. [TR]")]
    public string? Descripcion { get; set; }

    [Comment("First day. [TR]")]
    public DateOnly? FechaInicio { get; set; }

    [Comment("Last day. [TR]")]
    public DateOnly? FechaFin { get; set; }

    [Comment("Responsible employee. [TR]"), References(typeof(Employee))]
    public int? ResponsableId { get; set; }

    [Comment("State. [TR]"), MaxLength(10), DefaultSql("'borrador'"), OneOf("vigente", "finalizado", "borrador")]
    public string Estado { get; set; } = "borrador";

    [Comment("Whether it is compulsory. [TR]"), DefaultSql("false")]
    public bool Obligatorio { get; set; }

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
