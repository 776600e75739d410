using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>The schedule for reading the sources of a scope.</summary>
[Table("programaciones_vigilancia"), Comment("When each scope is read. [SS]")]
[Lookup("one schedule for each scope", nameof(Scope), IsUnique = true)]
public sealed class SurveillanceSchedule
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Scope. [FS]"), MaxLength(10), OneOf("national", "external")]
    public required string Scope { get; set; }

    [Comment("Five fields; null is off. [SS]"), MaxLength(100)]
    public string? Cron { get; set; }

    [Comment("next_run_iso of the API. [SS]")]
    public DateTimeOffset? NextRun { get; set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
