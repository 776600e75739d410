using Cronos;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Operations;

/// <summary>Work that recurs: a cron expression in Lima time and the kind of operation it enqueues.</summary>
public sealed record RecurringJob(string Name, string Cron, string Kind);

/// <summary>Enqueues recurring operations; of all instances exactly one enqueues each tick, because the tick's row changes once.</summary>
public sealed partial class RecurringJobs(
    IEnumerable<RecurringJob> jobs, IDbContextFactory<MasterContext> contexts, OperationQueue queue, MasterIdentity identity, TimeProvider time,
    ILogger<RecurringJobs> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(30);
    private static readonly TimeZoneInfo Lima = TimeZoneInfo.FindSystemTimeZoneById("America/Lima");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (identity.ReadOnly is null)
                {
                    await EnqueueDueAsync(stoppingToken);
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or InvalidOperationException { InnerException: NpgsqlException or DbUpdateException })
            {
                LogNotEnqueued(logger, e.Message);
            }

            await Task.Delay(LongestSleep, time, stoppingToken);
        }
    }

    /// <summary>Enqueues every job whose newest tick has not been enqueued by anybody.</summary>
    /// <returns>The names of the jobs that this call enqueued.</returns>
    public async Task<IReadOnlyList<string>> EnqueueDueAsync(CancellationToken cancellationToken)
    {
        var enqueued = new List<string>();
        var now = time.GetUtcNow();
        foreach (var job in jobs)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO portal.recurring_ticks (job, last_tick) VALUES ({job.Name}, {now}) ON CONFLICT DO NOTHING", cancellationToken);
            var last = (await db.RecurringTicks.AsNoTracking().SingleAsync(t => t.Job == job.Name, cancellationToken)).LastTick;

            // Another instance, whose clock is ahead of ours or who came a moment later, has been here.
            if (last >= now)
            {
                continue;
            }

            // Ticks missed while nobody ran are made up for once, not one by one.
            var due = CronExpression.Parse(job.Cron).GetOccurrences(last, now, Lima, fromInclusive: false, toInclusive: true).Take(10_000).LastOrDefault();
            if (due == default)
            {
                continue;
            }

            // PostgreSQL takes instants in UTC only.
            due = due.ToUniversalTime();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (await db.RecurringTicks.Where(t => t.Job == job.Name && t.LastTick < due).ExecuteUpdateAsync(s => s.SetProperty(t => t.LastTick, due), cancellationToken) == 1)
            {
                queue.Enqueue(db, Actor.System, job.Kind, (OperationTarget?)null, null, OperationQueue.Background);
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                enqueued.Add(job.Name);
            }
        }

        return enqueued;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Recurring work could not be enqueued: {Reason}")]
    private static partial void LogNotEnqueued(ILogger logger, string reason);
}
