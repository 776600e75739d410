using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// An audit record inside a tenant database. A trigger on every regulated table writes it for every change, whatever
/// makes the change. The application may add records of its own. Records can't be changed.
/// </summary>
[Table("audit_log"),
    Comment("Who changed what, when, before and after; append-only. [GI, PK, AP; 21 CFR 11.10(e); shape decided]")]
[Lookup("the history of one record", nameof(Entity), nameof(EntityId))]
[Unregulated("it is the record")]
public sealed class AuditLogEntry
{
    [Comment("Key; the order of the records is the database's word. [decided]")]
    public long Id { get; private set; }

    [Comment("When, by the database's clock. [21 CFR 11.10(e)]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }

    [Comment("The user who acted, as the application says in vigia.user_id. No foreign key: the record outlives the "
        + "user. [GI]")]
    public int? UserId { get; init; }

    [Comment("Who acted, as a name that can be read later: vigia.actor, else the database role. [decided]"),
        MaxLength(255)]
    public required string Actor { get; init; }

    [Comment("INSERT, UPDATE or DELETE; other words are the application's own. [decided]"), MaxLength(100)]
    public required string Action { get; init; }

    [Comment("The table. [decided]"), MaxLength(100)]
    public string? Entity { get; init; }

    [Comment("The row's key. [decided]"), MaxLength(100)]
    public string? EntityId { get; init; }

    [Comment("Trace id, as the application says in vigia.trace_id. [UM: trace claim]"), MaxLength(64)]
    public string? TraceId { get; init; }

    [Comment("What the application adds. [decided]"), Column(TypeName = "jsonb")]
    public string? Detail { get; init; }

    [Comment("The row before; of an update only what changed. [PK: before/after]"), Column(TypeName = "jsonb")]
    public string? Before { get; init; }

    [Comment("The row after; of an update only what changed. [PK: before/after]"), Column(TypeName = "jsonb")]
    public string? After { get; init; }

    [Comment("The database role of the session; set by a trigger. [decided]"), MaxLength(63)]
    public string? DbRole { get; private set; }

    [Comment("Whether a trigger wrote it or the application; set by a trigger. [decided]"), MaxLength(12),
        DefaultSql("'application'"), OneOf("application", "trigger")]
    public string Source { get; private set; } = "application";
}
