using System.ComponentModel.DataAnnotations.Schema;

namespace Vigia.Core.TenantDatabase;

/// <summary>
/// The limits in force, as last applied from the registry; the one row of <c>tenant_limits</c>. Null is unlimited.
/// </summary>
[Table("tenant_limits")]
public sealed class TenantLimits
{
    /// <summary>Always true: a boolean key that must be true is what allows one row only.</summary>
    [Column("id")]
    public bool Id { get; private set; } = true;

    [Column("max_usuarios")]
    public int? MaxUsuarios { get; set; }

    [Column("max_establecimientos")]
    public int? MaxEstablecimientos { get; set; }

    [Column("max_comprobantes")]
    public int? MaxComprobantes { get; set; }

    [Column("limitar_emision")]
    public bool LimitarEmision { get; set; }

    /// <summary>The registry's <c>limits_revision</c> these values come from; an older one never overwrites a newer.</summary>
    [Column("revision")]
    public long Revision { get; set; }
}
