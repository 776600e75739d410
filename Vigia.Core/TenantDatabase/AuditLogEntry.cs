using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>What was done inside this tenant. The tenant's own role can add to it and read it, not change it.</summary>
[Table("audit_log")]
public sealed class AuditLogEntry
{
    [Column("id")]
    public long Id { get; private set; }

    [Column("created_at")]
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The user of this tenant who acted; none when the portal did. No foreign key: the record outlives the user.</summary>
    [Column("user_id")]
    public int? UserId { get; init; }

    /// <summary>Who acted, as a name that can be read later.</summary>
    [Column("actor"), MaxLength(255)]
    public required string Actor { get; init; }

    [Column("action"), MaxLength(100)]
    public required string Action { get; init; }

    [Column("entity"), MaxLength(100)]
    public string? Entity { get; init; }

    [Column("entity_id"), MaxLength(100)]
    public string? EntityId { get; init; }

    [Column("trace_id"), MaxLength(64)]
    public string? TraceId { get; init; }

    [Column("detail", TypeName = "jsonb")]
    public string? Detail { get; init; }
}
