using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.AuditWatch;

/// <summary>
/// Checks the trail's head every minute, even when nobody writes, for missing keys and for an end that was cut off or
/// replaced. When something is wrong, it queues a verification at once, which raises the alarm.
/// State of the process: whether it has reported the present problem.
/// </summary>
// More than five dependencies: a loop that reads the trail's state and queues the repair of it. Time and log are the
// loop's.
public sealed partial class AuditWatcher(
    IDbContextFactory<MasterContext> contexts, AuditStanding standing, OperationQueue queue, MasterIdentity identity,
    TimeProvider time, ILogger<AuditWatcher> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly OperationState[] QueuedOrRunning = [OperationState.Queued, OperationState.Running];
    private bool _reported;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await TryCheckAsync(stoppingToken);
                await Task.Delay(Interval, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>Checks once.</summary>
    /// <returns>Whether a verification was queued.</returns>
    internal async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var (_, problem) = await standing.CheckAsync(db, cancellationToken);
        if (problem is null || _reported || identity.ReadOnly is not null)
        {
            _reported = problem is not null && _reported;
            return false;
        }

        _reported = true;
        if (await db.Set<Operation>()
            .AnyAsync(o => o.Kind == VerifyAudit.KindName && QueuedOrRunning.Contains(o.State), cancellationToken))
        {
            return false;
        }

        queue.Enqueue(db, Actor.System, VerifyAudit.KindName, (OperationTarget?)null, null, OperationQueue.Person);
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }

    private async Task TryCheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CheckAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // No exception may end the watcher or the process.
            LogNotChecked(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The head of the audit trail could not be checked: {Reason}")]
    private static partial void LogNotChecked(ILogger logger, string reason);
}
