using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>A person who is notified of new surveillance alerts.</summary>
[Table("destinatarios_vigilancia"), Comment("Who is told of what surveillance finds. [FS]")]
[Lookup("an address once in a scope", nameof(Scope), nameof(Email), IsUnique = true)]
public sealed class SurveillanceRecipient
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Scope. [FS]"), MaxLength(10), OneOf("national", "external")]
    public required string Scope { get; set; }

    [Comment("Address. [FS]"), MaxLength(255)]
    public required string Email { get; set; }

    [Comment("Name. [decided]"), MaxLength(255)]
    public string? Nombre { get; set; }

    [Comment("Whether it is told. [decided]"), DefaultSql("true")]
    public bool Enabled { get; set; } = true;
}
