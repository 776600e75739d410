using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// The limits in force, as last applied from the registry: the only row of <c>tenant_limits</c>. Null is unlimited.
/// </summary>
[Table("tenant_limits"),
    Comment("The limits in force, from clientes_saas; one row. The tenant's role only reads it. "
        + "[SEED; docs/rules.md#limits]")]
[Check("one_row", "id")]
[Check("max", "max_usuarios >= 0 AND max_establecimientos >= 0 AND max_comprobantes >= 0")]
[Unregulated("the registry's audit trail has every change of the limits")]
public sealed class TenantLimits
{
    [Comment("Always true: a boolean key that must be true is what allows one row only. [decided]"), DefaultSql("true")]
    public bool Id { get; private set; } = true;

    [Comment("Most active users; null is unlimited. [SEED; docs/rules.md#limits]")]
    public int? MaxUsuarios { get; set; }

    [Comment("Most active establishments; null is unlimited. [SEED; docs/rules.md#limits]")]
    public int? MaxEstablecimientos { get; set; }

    [Comment("Most documents issued in a calendar month of Lima; null is unlimited. [SEED; docs/rules.md#limits]")]
    public int? MaxComprobantes { get; set; }

    [Comment("Whether max_comprobantes holds. [SEED; docs/rules.md#limits]"), DefaultSql("false")]
    public bool LimitarEmision { get; set; }

    [Comment("The registry's limits_revision these values come from; an older one never overwrites a newer. [decided]"),
        DefaultSql("0")]
    public long Revision { get; set; }
}
