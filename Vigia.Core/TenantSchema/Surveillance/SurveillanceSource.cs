using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A source that surveillance reads.</summary>
[Table("fuentes_vigilancia"), Comment("A source that surveillance reads. [FS, SO]")]
public sealed class SurveillanceSource : IDemoRow
{
    [Comment("Key. [FS: uuid]")]
    public Guid Id { get; init; } = Guid.CreateVersion7();

    [Comment("Scope. [FS]"), MaxLength(10), OneOf("national", "external")]
    public required string Scope { get; set; }

    [Comment("Name. [FS]"), MaxLength(255)]
    public required string Name { get; set; }

    [Comment("Address. [FS]")]
    public required string Url { get; set; }

    [Comment("Whether it is read. [FS]"), DefaultSql("true")]
    public bool Enabled { get; set; } = true;

    [Comment("Part of the demonstration data, which can be removed as a whole. [decided]"), DefaultSql("false")]
    public bool EsDemo { get; set; }

    [Comment("When the row was made. [UM: created_at; decided elsewhere]"), DefaultSql("now()")]
    public DateTimeOffset CreatedAt { get; private set; }
}
