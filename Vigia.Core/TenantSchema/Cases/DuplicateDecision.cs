using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A decision on two cases that may be duplicates.</summary>
[Table("icsr_duplicados"), Comment("What was decided of two cases that look alike. [FI; docs/rules.md#named-only]")]
[Lookup("a pair is judged once, read by case", nameof(IcsrId), nameof(CandidatoId), IsUnique = true)]
public sealed class DuplicateDecision
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The newer case. [FI]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("The case it resembles. [FI]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int CandidatoId { get; set; }

    [Comment("Score 0-100: 80 or more duplicate, 45-79 review. [FI]")]
    public int Puntaje { get; set; }

    [Comment("What a person decided. [FI; decided]"), MaxLength(15), DefaultSql("'pendiente'"),
        OneOf("pendiente", "duplicado", "no_duplicado")]
    public string Decision { get; set; } = "pendiente";

    [Comment("Why. [decided]")]
    public string? Motivo { get; set; }

    [Comment("Who decided. [decided]"), References(typeof(TenantUser))]
    public int? DecididoPor { get; set; }

    [Comment("When. [decided]")]
    public DateTimeOffset? DecididoEn { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
