using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// The usage of a limit. One row holds the counter and its maximum, which makes the limit hold at every isolation
/// level. Counting rows instead would count those of a snapshot.
/// </summary>
[Table("tenant_usage"),
    Comment("What is used of each limit, counted by triggers; the tenant's role only reads it. [docs/rules.md#limits]")]
[Check("used", "usado >= 0")]
[Unregulated("a counter of rows that are recorded")]
public sealed class TenantUsage
{
    /// <summary>The period of limits that do not have one.</summary>
    public static readonly DateOnly Always = DateOnly.MinValue;

    [Comment("Which limit. [SEED; docs/rules.md#limits]"), MaxLength(30),
        OneOf("max_usuarios", "max_establecimientos", "max_comprobantes")]
    public required string Limite { get; init; }

    [Comment("First day of the Lima month; -infinity for limits without a period. [docs/rules.md#limits]"),
        DefaultSql("'-infinity'")]
    public DateOnly Periodo { get; init; } = Always;

    [Comment("How much is used; counted also while there is no maximum. [decided]"), DefaultSql("0")]
    public int Usado { get; private set; }

    [Comment("The maximum in force, copied from tenant_limits by a trigger; null is unlimited. [decided]")]
    public int? Maximo { get; private set; }
}
