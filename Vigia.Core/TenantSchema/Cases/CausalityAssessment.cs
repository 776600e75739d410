using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A causality assessment of one event and product of a case.</summary>
[Table("icsr_causalidad"),
    Comment("A causality assessment of one event and product of a case. [GC; docs/rules.md#named-only]")]
[Lookup("assessments of a case", nameof(IcsrId))]
public sealed class CausalityAssessment
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The case. [GC]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("The event; null for the case as a whole. [ICH E2B(R3) G.k.9.i.1]"),
        References(typeof(IcsrEvent), OnDelete = DeleteBehavior.Cascade)]
    public int? IcsrEventId { get; set; }

    [Comment("The product; null for the case as a whole. [ICH E2B(R3) G.k.9.i]"),
        References(typeof(IcsrProduct), OnDelete = DeleteBehavior.Cascade)]
    public int? IcsrProductId { get; set; }

    [Comment("Method. [GC; ICH E2B(R3) G.k.9.i.2.r.2]"), MaxLength(20), OneOf("Karch-Lasagna", "FT42")]
    public required string Metodo { get; set; }

    [Comment("Answers by criterion, as the method's form has them. [decided]"), Column(TypeName = "jsonb"),
        DefaultSql("'{}'")]
    public string Respuestas { get; set; } = "{}";

    [Comment("Score, where the method gives one. [decided]")]
    public int? Puntaje { get; set; }

    [Comment("Result. [GC; ICH E2B(R3) G.k.9.i.2.r.3]"), MaxLength(20),
        OneOf("Definida", "Probable", "Posible", "Improbable", "Condicional", "Inclasificable")]
    public required string Resultado { get; set; }

    [Comment("Who assessed. [ICH E2B(R3) G.k.9.i.2.r.1]"), MaxLength(20), DefaultSql("'titular'"),
        OneOf("titular", "reportante", "autoridad")]
    public string Fuente { get; set; } = "titular";

    [Comment("Reasons. [decided]")]
    public string? Comentarios { get; set; }

    [Comment("Who assessed it. [AP: qf; decided]"), References(typeof(TenantUser))]
    public int? EvaluadoPor { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
