using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.TenantDatabase;

/// <summary>
/// How much of a limit is used. A counter in one row with its maximum is what holds under every isolation level: who counts rows instead counts
/// those of a snapshot.
/// </summary>
[Table("tenant_usage"), Comment("What is used of each limit, counted by triggers; the tenant's role only reads it. [facts 7.9]")]
[Check("used", "usado >= 0")]
[Unregulated("a counter of rows that are recorded")]
public sealed class TenantUsage
{
    /// <summary>The period of limits that have none.</summary>
    public static readonly DateOnly Always = DateOnly.MinValue;

    [Comment("Which limit. [facts 1.2]"), MaxLength(30), OneOf("max_usuarios", "max_establecimientos", "max_comprobantes")]
    public required string Limite { get; init; }

    [Comment("First day of the Lima month; -infinity for limits without a period. [facts 7.9]"), DefaultSql("'-infinity'")]
    public DateOnly Periodo { get; init; } = Always;

    [Comment("How much is used; counted also while there is no maximum. [decided]"), DefaultSql("0")]
    public int Usado { get; private set; }

    [Comment("The maximum in force, copied from tenant_limits by a trigger; null is unlimited. [decided]")]
    public int? Maximo { get; private set; }
}
