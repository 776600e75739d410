using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>The tenant's own settings, by key.</summary>
[Table("configuracion"), Comment("The tenant's own settings, by key. [docs/rules.md#tenant-settings; decided]")]
[Lookup("a setting is read by its key", nameof(Clave), IsUnique = true)]
public sealed class TenantSetting
{
    [Comment("Key. [decided]")]
    public int Id { get; private set; }

    [Comment("Dotted name, such as seguimiento.dias. [decided]"), MaxLength(100)]
    public required string Clave { get; set; }

    [Comment("Value. [decided]"), Column(TypeName = "jsonb")]
    public string? Valor { get; set; }

    [Comment("What it does. [decided]")]
    public string? Descripcion { get; set; }

    [Comment("Who changed it last. [decided]"), References(typeof(TenantUser), OnDelete = DeleteBehavior.SetNull)]
    public int? UpdatedBy { get; set; }

    [Comment("When the row was last changed; set by a trigger. [UM: updated_at; decided elsewhere]"),
        DefaultSql("now()")]
    public DateTimeOffset UpdatedAt { get; private set; }
}
