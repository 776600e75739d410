using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>Queues what has to be done in a tenant's database after its row has changed.</summary>
public sealed class TenantFollowUps(OperationQueue queue)
{
    /// <summary>
    /// Queues an operation unless one of its kind waits already: it reads the newest row when it runs. The caller holds
    /// the lock of the tenant's row, which keeps workers from starting that one before the change is committed.
    /// </summary>
    internal async Task EnqueueOnceAsync(
        MasterContext db, Actor actor, Tenant tenant, OperationKind kind, CancellationToken cancellationToken)
    {
        if (tenant.State != TenantState.Ready)
        {
            return;
        }

        var queued = await db.Set<Operation>()
            .FromSql($"""
                SELECT * FROM portal.operations
                WHERE tenant_id = {tenant.Id} AND kind = {kind.Code} AND state IN ('queued', 'waiting') FOR UPDATE
                """)
            .AsNoTracking().AnyAsync(cancellationToken);
        if (!queued)
        {
            queue.Enqueue(db, actor, kind, tenant);
        }
    }
}
