using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A message of the mailbox and how it was processed.</summary>
[Table("correo_ingesta"), Comment("A message of the mailbox and what became of it. [ING: POP UIDL, Message-ID]")]
[Lookup("a message that comes again is recognised", nameof(MessageId), IsUnique = true)]
[Lookup("what has been read is not read again", nameof(Buzon), nameof(Uidl), IsUnique = true)]
[Unregulated("state of a machine; the case it makes is audited")]
public sealed class IngestedEmail
{
    [Comment("Key. [decided]")]
    public long Id { get; private set; }

    [Comment("Mailbox. [ING: POP_USER]"), MaxLength(255)]
    public required string Buzon { get; set; }

    [Comment("POP3 unique id. [ING; RFC 1939]"), MaxLength(255)]
    public string? Uidl { get; set; }

    [Comment("Message-ID. [ING; RFC 5322]"), MaxLength(500)]
    public string? MessageId { get; set; }

    [Comment("From. [ING]"), MaxLength(255)]
    public string? Remitente { get; set; }

    [Comment("Subject. [ING]")]
    public string? Asunto { get; set; }

    [Comment("Date of the message. [ING]")]
    public DateTimeOffset? RecibidoEn { get; set; }

    [Comment("Size; POP_MAX_BYTES is the most. [ING]")]
    public int? TamanoBytes { get; set; }

    [Comment("What became of it. [decided]"), MaxLength(12), DefaultSql("'nuevo'"),
        OneOf("nuevo", "procesado", "descartado", "error")]
    public string Estado { get; set; } = "nuevo";

    [Comment("The case made of it. [decided]"), References(typeof(Icsr), OnDelete = DeleteBehavior.SetNull)]
    public int? IcsrId { get; set; }

    [Comment("Why it failed. [decided]")]
    public string? Error { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
