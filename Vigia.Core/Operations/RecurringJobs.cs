using Cronos;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>A recurring job: a cron expression in Lima time and the kind of operation that it queues.</summary>
public sealed record RecurringJob(string Name, string Cron, OperationKind Kind);

/// <summary>
/// Queues recurring operations. Of all instances exactly one queues each tick, because only one of them can update the
/// row of the tick. While a run of the same kind has not ended, also one that a person asked for, the ticks of the job
/// pass. See docs/rules.md#recurring-work.
/// </summary>
// More than five dependencies: a loop that queues what is due, once for all instances. Time and log are the loop's.
public sealed partial class RecurringJobs(
    IEnumerable<RecurringJob> jobs, IDbContextFactory<MasterContext> contexts, OperationQueue queue,
    MasterIdentity identity, TimeProvider time,
    ILogger<RecurringJobs> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    private static readonly TimeZoneInfo Lima = TimeZoneInfo.FindSystemTimeZoneById("America/Lima");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            if (identity.ReadOnly is null)
            {
                await EnqueueDueAsync(stoppingToken);
            }

            await Task.Delay(LongestSleep, time, stoppingToken);
        }
    }

    /// <summary>Queues all jobs whose newest tick no instance has queued yet.</summary>
    /// <returns>The names of the jobs that this call queued.</returns>
    public async Task<IReadOnlyList<string>> EnqueueDueAsync(CancellationToken cancellationToken)
    {
        var enqueued = new List<string>();
        foreach (var job in jobs)
        {
            try
            {
                if (await EnqueueIfDueAsync(job, cancellationToken))
                {
                    enqueued.Add(job.Name);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // A job that can't be queued, for whatever reason, must not delay the others. It is tried again in the
                // next round.
                LogNotEnqueued(logger, e, job.Name);
            }
        }

        return enqueued;
    }

    private async Task<bool> EnqueueIfDueAsync(RecurringJob job, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO portal.recurring_ticks (job, last_tick) VALUES ({job.Name}, {now}) ON CONFLICT DO NOTHING",
            cancellationToken);
        var last = (await db.Set<RecurringTick>().AsNoTracking()
            .SingleAsync(t => t.Job == job.Name, cancellationToken)).LastTick;

        // Another instance has already queued this tick. Its clock may be ahead, or it came a moment later.
        if (last >= now)
        {
            return false;
        }

        // Ticks that were missed while no instance ran are replaced by one tick, not queued one by one.
        var due = CronExpression.Parse(job.Cron)
            .GetOccurrences(last, now, Lima, fromInclusive: false, toInclusive: true).Take(10_000).LastOrDefault();
        if (due == default)
        {
            return false;
        }

        // Npgsql accepts only UTC for timestamptz.
        due = due.ToUniversalTime();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Set<RecurringTick>().Where(t => t.Job == job.Name && t.LastTick < due)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.LastTick, due), cancellationToken) == 1)
        {
            // The row of the tick is locked, so no other instance queues a run of this job meanwhile.
            var isRunning = await db.Set<Operation>().AnyAsync(
                o => o.Kind == job.Kind && OperationStates.Unfinished.Contains(o.State), cancellationToken);
            if (isRunning)
            {
                LogStillRunning(logger, job.Name);
            }
            else
            {
                queue.EnqueueRun(db, job.Kind, job.Name);
                await db.SaveChangesAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            return !isRunning;
        }

        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Recurring work {Job} could not be queued")]
    private static partial void LogNotEnqueued(ILogger logger, Exception exception, string job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Recurring work {Job} is still running; this run is skipped")]
    private static partial void LogStillRunning(ILogger logger, string job);
}
