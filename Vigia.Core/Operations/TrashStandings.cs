using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Operations;

/// <summary>Finds the work that decides what can be done with a tenant in the trash.</summary>
public static class TrashStandings
{
    /// <param name="unfinished">Its unfinished operations.</param>
    public static TrashStanding Of(TrashedTenant trashed, IEnumerable<Operation> unfinished, DateTimeOffset now) =>
        TrashStanding.Of(trashed, WorkOn(trashed, [.. unfinished]), now);

    /// <summary>The same from the master. The caller holds the locks of <see cref="LockedTenant"/>.</summary>
    internal static async Task<TrashStanding> ReadAsync(
        MasterContext db, TrashedTenant trashed, DateTimeOffset now, CancellationToken cancellationToken) => Of(
            trashed, await db.Set<Operation>().AsNoTracking()
                .Where(o => o.TenantId == trashed.Id && OperationStates.Unfinished.Contains(o.State))
                .ToListAsync(cancellationToken), now);

    /// <summary>
    /// Whether a restore may replace the operation: a drop that waits or backs off has destroyed nothing.
    /// </summary>
    internal static bool IsWaitingDrop(TrashedTenant trashed, Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Waiting
            && (operation.Kind == TrashAction.Purge.OperationKind || operation.Id == trashed.DeleteOperationId);

    private static TrashWork WorkOn(TrashedTenant trashed, IReadOnlyCollection<Operation> unfinished) =>
        trashed.RestoreOperationId is not null || unfinished.Any(o => !IsWaitingDrop(trashed, o)) ? TrashWork.Other
            : unfinished.Count > 0 ? TrashWork.WaitingDrop : TrashWork.None;
}
