using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Keeps what is stored about the databases of tenants up to date: existence, size and content. One instance at a time
/// works on a server or a tenant.
/// </summary>
// More than five dependencies: the kinds of what is looked at, each with its own way of looking.
public sealed partial class ObservationRounds(
    IDbContextFactory<MasterContext> contexts, DatabaseObserver observer, TenantContentCounter counter,
    OpeningsObserver openings, IOptions<ObservationOptions> options, ILogger<ObservationRounds> logger)
{
    // A tenant that can't be counted now is tried again after this time.
    private static readonly TimeSpan RetryCount = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Looks at every server that no instance has looked at for <see cref="ObservationOptions.Every"/>, and counts the
    /// tenants that are due.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var claimed = false;
        foreach (var server in await db.Set<DatabaseServer>().Select(s => s.Id).ToListAsync(cancellationToken))
        {
            if (await db.Database.ExecuteSqlAsync($"""
                UPDATE portal.database_servers SET observed_at = now()
                WHERE id = {server} AND (observed_at IS NULL OR observed_at <= now() - {options.Value.Every})
                """, cancellationToken) > 0)
            {
                claimed = true;
                await TryAsync($"server {server}", token => observer.ObserveAsync(server, token), cancellationToken);
                await TryAsync($"the sizes of server {server}",
                    token => observer.ReadOldestSizesAsync(server, options.Value.SizesPerRound, token),
                    cancellationToken);
                if (server == ServerConnections.MasterServerId)
                {
                    await TryAsync("what the server leaves open", openings.ObserveAsync, cancellationToken);
                }
            }
        }

        // An instance that has claimed no server was too early, so it counts nobody either.
        foreach (var tenant in claimed ? await ClaimDueAsync(db, cancellationToken) : [])
        {
            await TryAsync($"tenant {tenant}", token => CountAsync(db, tenant, token), cancellationToken);
        }
    }

    /// <summary>
    /// Looks at the databases of these tenants, because something about them has changed. Counts the content of those
    /// that were never counted, and of those whose last count was refused. Tenants that no longer exist are left out.
    /// </summary>
    public async Task ObserveTenantsAsync(IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var tenants = await db.Set<Tenant>()
            .Where(t => ids.Contains(t.Id) && t.State == TenantState.Ready && t.DatabaseName != null)
            .Select(t => new
            {
                t.Id,
                t.ServerId,
                Name = t.DatabaseName!,
                IsCounted = !db.Set<StoredContent>().Any(c => c.TenantId == t.Id && c.CountedAt == null)
                    && !db.Set<ObservedDatabase>().Any(o => o.ServerId == t.ServerId && o.Name == t.DatabaseName
                        && o.Refusal != null && DatabaseRefusals.SeenInside.Contains(o.Refusal.Value)),
            }).ToListAsync(cancellationToken);
        foreach (var server in tenants.GroupBy(t => t.ServerId ?? ServerConnections.MasterServerId))
        {
            List<string> names = [.. server.Select(t => t.Name)];
            await TryAsync(
                $"databases on server {server.Key}", token => observer.LookAsync(server.Key, names, token),
                cancellationToken);
            await TryAsync(
                $"sizes on server {server.Key}", token => observer.ReadSizesAsync(server.Key, names, token),
                cancellationToken);
        }

        foreach (var tenant in tenants.Where(t => !t.IsCounted))
        {
            await TryAsync($"tenant {tenant.Id}", token => CountAsync(db, tenant.Id, token), cancellationToken);
        }
    }

    // A problem of one server or one tenant does not stop the observation of the others.
    private async Task TryAsync(
        string what, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // When a server is away, the next round looks again.
            if (!TransientFailures.IsServerUnavailable(e))
            {
                LogFailed(logger, e, what);
            }
        }
    }

    // While it is being counted, and when it can't be counted, a tenant is due again later.
    private Task<List<int>> ClaimDueAsync(MasterContext db, CancellationToken cancellationToken) =>
        db.Database.SqlQuery<int>($"""
            UPDATE portal.tenant_contents SET due_at = now() + {RetryCount}
            WHERE tenant_id IN (SELECT tenant_id FROM portal.tenant_contents WHERE due_at <= now()
                                ORDER BY due_at LIMIT {options.Value.CountsPerRound} FOR UPDATE SKIP LOCKED)
            RETURNING tenant_id AS "Value"
            """).ToListAsync(cancellationToken);

    private async Task CountAsync(MasterContext db, int tenant, CancellationToken cancellationToken)
    {
        if (await counter.CountRoutinelyAsync(tenant, cancellationToken) is not null)
        {
            await db.Database.ExecuteSqlAsync($"""
                UPDATE portal.tenant_contents SET due_at = now() + {options.Value.CountEvery}
                WHERE tenant_id = {tenant}
                """, cancellationToken);
        }
        else
        {
            // The row is kept while the tenant exists or lies in the trash, where its database is closed.
            await db.Database.ExecuteSqlAsync($"""
                UPDATE portal.tenant_contents c SET due_at = now() + {options.Value.CountEvery}
                WHERE c.tenant_id = {tenant}
                  AND EXISTS (SELECT FROM portal.tenant_trash t WHERE t.id = c.tenant_id)
                """, cancellationToken);
            await db.Database.ExecuteSqlAsync($"""
                DELETE FROM portal.tenant_contents c WHERE c.tenant_id = {tenant}
                  AND NOT EXISTS (SELECT FROM public.clientes_saas t WHERE t.id = c.tenant_id)
                  AND NOT EXISTS (SELECT FROM portal.tenant_trash t WHERE t.id = c.tenant_id)
                """, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Observing {What} met an unexpected error; the others are still observed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string what);
}
