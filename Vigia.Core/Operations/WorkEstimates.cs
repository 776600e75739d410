using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Operations;

/// <summary>About what work on many tenants costs.</summary>
/// <param name="Time">From its start to its end.</param>
/// <param name="Bytes">The disk that new databases take. Null when it makes none.</param>
public sealed record WorkCost(TimeSpan Time, long? Bytes = null);

/// <summary>The effect that a retry of an operation on many tenants would have.</summary>
/// <param name="Run">How many tenants have no result, or failed.</param>
/// <param name="NewDatabases">How many databases would be made.</param>
/// <param name="Cost">About what it costs.</param>
public sealed record RetryPlan(int Run, int NewDatabases, WorkCost Cost);

/// <summary>
/// Estimates from stored figures what work on many tenants costs, before a person starts it. No server is asked.
/// </summary>
internal static class WorkEstimates
{
    // Enough to even out a slow one. The newest ones tell most about the present machine.
    private const int Newest = 20;
    private const int Sizes = 100;

    // A database without content, where no size is stored yet.
    private const long EmptyDatabaseBytes = 11L << 20;

    /// <summary>
    /// The average time for one tenant in the newest operations of a kind that succeeded. The time of one on many
    /// tenants is divided by their number.
    /// </summary>
    /// <param name="kind">The kind of the operations.</param>
    /// <param name="otherwise">The answer when there was none yet.</param>
    public static async Task<TimeSpan> TimePerTenantAsync(
        MasterContext db, OperationKind kind, TimeSpan otherwise, CancellationToken cancellationToken)
    {
        var newest = await db.Set<Operation>().AsNoTracking()
            .Where(o => o.Kind == kind
                && EF.Property<OperationState?>(o, OperationList.Shown) == OperationState.Succeeded)
            .OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id).Take(Newest)
            .Select(o => new { o.StartedAt, o.FinishedAt, o.ItemCount }).ToListAsync(cancellationToken);
        var whole = newest.Where(o => o is { StartedAt: not null, FinishedAt: not null, ItemCount: null or > 0 })
            .ToList();
        return whole.Count == 0 ? otherwise
            : whole.Aggregate(TimeSpan.Zero, (sum, o) => sum + (o.FinishedAt!.Value - o.StartedAt!.Value))
                / whole.Sum(o => o.ItemCount ?? 1);
    }

    /// <summary>Bytes of a new database: the smallest of those whose size was read last.</summary>
    public static async Task<long> NewDatabaseBytesAsync(MasterContext db, CancellationToken cancellationToken)
    {
        var sizes = await db.Set<ObservedDatabase>().AsNoTracking()
            .Where(d => d.ServerId == ServerConnections.NewDatabasesServerId && d.IsPresent && d.SizeAt != null)
            .OrderByDescending(d => d.SizeAt).Take(Sizes).Select(d => d.SizeBytes).ToListAsync(cancellationToken);
        return sizes.Min() is { } smallest and > 0 ? smallest : EmptyDatabaseBytes;
    }
}
