using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>Pauses and resumes the workers of all instances.</summary>
public sealed class WorkerSwitch(IDbContextFactory<MasterContext> contexts, AuditTrail audit)
{
    /// <summary>Whether an administrator has paused all workers.</summary>
    public async Task<bool> AreWorkersPausedAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<MasterInstance>().Select(i => i.WorkersPaused).SingleAsync(cancellationToken);
    }

    /// <summary>
    /// Pauses or resumes all workers of all instances. While they are paused, running operations continue to their end
    /// and nothing new is claimed.
    /// </summary>
    public async Task PauseWorkersAsync(Actor actor, bool paused, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.WorkersPause);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var changed = await db.Set<MasterInstance>().Where(i => i.WorkersPaused != paused)
            .ExecuteUpdateAsync(s => s.SetProperty(i => i.WorkersPaused, paused), cancellationToken);
        if (changed > 0)
        {
            await audit.CommitAsync(
                db, actor, new AuditEntry(paused ? "workers.paused" : "workers.resumed"), cancellationToken);
        }
    }
}
