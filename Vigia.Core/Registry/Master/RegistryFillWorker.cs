using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// Completes the registry once after each start, a range of rows at a time, so that no start waits for a large
/// registry. A start that migrated has done it already. One instance at a time works. On a copied master nothing is
/// written. See docs/rules.md#copied-master.
/// </summary>
public sealed partial class RegistryFillWorker(
    NpgsqlDataSource master, MasterMigrator migrator, MasterIdentity identity, TimeProvider time,
    ILogger<RegistryFillWorker> logger) : BackgroundService
{
    // An arbitrary constant of the portal: 'VIGI' and 2 for "complete the registry".
    private const string LockSql = "SELECT pg_try_advisory_lock(6217766061413990402)";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Retry = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!migrator.HasFilled && identity.ReadOnly is null && !await TryAsync(stoppingToken))
            {
                await Task.Delay(Retry, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    // True when it was done, or another instance does it.
    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await master.OpenConnectionAsync(cancellationToken);
            await using var attempt = new NpgsqlCommand(LockSql, session);
            if (await attempt.ExecuteScalarAsync(cancellationToken) is true)
            {
                try
                {
                    await MasterMigrator.SetTimeoutsAsync(session, cancellationToken);
                    await RegistryFill.RunAsync(
                        session, () => Task.Delay(Pause, time, cancellationToken), cancellationToken);
                }
                finally
                {
                    await UnlockAsync(session);
                }
            }

            return true;
        }
        catch (NpgsqlException)
        {
            // The master is away, or another session holds the registry.
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogUnexpectedError(logger, e);
            return true;
        }
    }

    // A pooled session is reset only when it is used again. Until then it would keep the lock.
    private static async Task UnlockAsync(NpgsqlConnection session)
    {
        try
        {
            await MasterDatabase.ExecuteAsync(session, "SELECT pg_advisory_unlock_all()", CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The session has ended, which released the lock.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Completing the registry met an unexpected error")]
    private static partial void LogUnexpectedError(ILogger logger, Exception exception);
}
