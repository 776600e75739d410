using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A message of the follow-up thread of a case.</summary>
[Table("icsr_seguimiento_mensajes"), Comment("A message of the follow-up thread of a case. [IF]")]
[Lookup("GET /icsr/{id}/followup/thread", nameof(IcsrId))]
public sealed class FollowUpMessage
{
    [Comment("Key. [IF]")]
    public int Id { get; private set; }

    [Comment("The case. [IF]"), References(typeof(Icsr), OnDelete = DeleteBehavior.Cascade)]
    public int IcsrId { get; set; }

    [Comment("Channel. [IF]"), MaxLength(10), OneOf("email", "sms", "whatsapp")]
    public required string Channel { get; set; }

    [Comment("Received or sent. [IF]"), MaxLength(3), OneOf("in", "out")]
    public required string Direction { get; set; }

    [Comment("Text. [IF]")]
    public required string Body { get; set; }

    [Comment("The channel's own id. [IF]"), MaxLength(255)]
    public string? ExternalId { get; set; }

    [Comment("Who sent it; null for what came in. [decided]"),
        References(typeof(TenantUser), OnDelete = DeleteBehavior.SetNull)]
    public int? UserId { get; set; }

    [Comment("When. [IF]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
