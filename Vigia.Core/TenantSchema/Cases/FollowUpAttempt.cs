using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A planned attempt to get the missing data of a case, on day 0, 30, 60 or 90.</summary>
[Table("icsr_seguimiento_plan"), Comment("A planned attempt to get what is missing of a case: day 0, 30, 60, 90. [GF]")]
[Lookup("one attempt a day of the plan, read by case", nameof(IcsrId), nameof(Dia), IsUnique = true)]
public sealed class FollowUpAttempt
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("The case. [GF]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("Days after reception. [GF: 0, 30, 60, 90; the days are a setting]")]
    public int Dia { get; set; }

    [Comment("When it is due. [GF]")]
    public DateOnly FechaProgramada { get; set; }

    [Comment("State. [GF]"), MaxLength(10), DefaultSql("'Pending'"), OneOf("Pending", "Sent", "Responded", "Completed")]
    public string Estado { get; set; } = "Pending";

    [Comment("What is missing, by group: paciente, producto, evento, reporter. [GF]"), Column(TypeName = "jsonb"),
        DefaultSql("'{}'")]
    public string DatosFaltantes { get; set; } = "{}";

    [Comment("The message that was sent. [decided]"),
        References(typeof(FollowUpMessage), OnDelete = DeleteBehavior.SetNull)]
    public int? MensajeId { get; set; }

    [Comment("When the reporter answered. [decided]")]
    public DateTimeOffset? RespondidoEn { get; set; }

    [Comment("Comments. [decided]")]
    public string? Comentarios { get; set; }
}
