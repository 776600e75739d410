using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// Migrates the master database to this build's schema, under an advisory lock, so that instances that start at the
/// same time do not collide. The registry may be a table of the live product. No statement waits for it longer than
/// <see cref="LockTimeout"/>, because the product's statements queue behind the waiting one.
/// State of the process: whether this start migrated.
/// </summary>
public sealed partial class MasterMigrator(NpgsqlDataSource master, TimeProvider time, ILogger<MasterMigrator> logger)
{
    /// <summary>An arbitrary constant of the portal: 'VIGI' and 1 for "migrate the master".</summary>
    private const long LockKey = 0x56494749_00000001;

    /// <summary>The number of attempts to get a lock: about ten minutes with the pauses.</summary>
    private const int Attempts = 40;

    /// <summary>Whether this start migrated and completed the registry.</summary>
    internal bool HasFilled { get; private set; }

    internal static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>Migrates on an open connection. See docs/rules.md#no-database-by-accident.</summary>
    /// <exception cref="RuleException">
    /// <c>master_encoding</c> and its like (<see cref="MasterPrerequisites"/>): the master can't hold what it has to.
    /// <c>master_newer</c>: an instance of a newer build has migrated the master. <c>registry_rights_missing</c>: the
    /// portal's role lacks rights; with the statements that grant them. <c>registry_locked</c>: other sessions hold the
    /// registry; with their names.
    /// </exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await master.OpenConnectionAsync(cancellationToken);
        await using (var lockCommand =
            new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection)
            {
                Parameters = { new() { Value = LockKey } },
                CommandTimeout = 0
            })
        {
            await lockCommand.ExecuteNonQueryAsync(cancellationToken);
        }

        try
        {
            await MigrateAsync(connection, cancellationToken);
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    private async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await MasterPrerequisites.DemandAsync(connection, cancellationToken);
        var known = Known(connection);
        var applied = await AppliedAsync(connection, cancellationToken);
        if (applied.FirstOrDefault(m => !known.Contains(m)) is { } unknown)
        {
            throw new RuleException("master_newer", unknown);
        }

        var pending = known.Except(applied).ToList();
        await RegistryPrivileges.DemandAsync(connection, migrates: pending.Count > 0, cancellationToken);
        await SetTimeoutsAsync(connection, cancellationToken);
        if (pending.Count > 0)
        {
            var isEmpty = applied.Count == 0 && !await HasRegistryAsync(connection, cancellationToken);
            foreach (var target in Targets(known, applied, pending))
            {
                await RetryAsync(connection, () => MigrateAsync(connection, target, cancellationToken),
                    cancellationToken);
            }

            if (isEmpty)
            {
                await CloseAsync(connection, cancellationToken);
            }

            LogMigrated(logger, pending.Count, pending[^1]);

            // A migration may have emptied what searches use. Other starts leave this to RegistryFillWorker.
            await RetryAsync(
                connection, () => RegistryFill.RunAsync(connection, () => Task.CompletedTask, cancellationToken),
                cancellationToken);
            HasFilled = true;
        }
    }

    // A pooled session is reset only when it is used again. Until then it would keep the lock.
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var unlock = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection)
            {
                Parameters = { new() { Value = LockKey } },
            };
            await unlock.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The session has ended, which released the lock.
        }
    }

    // Each migration is named as a target, so that it runs in its own transaction and the registry is free after each.
    // A pending migration that is older than the newest applied one can't be a target, because newer ones would be
    // reverted. The newest known migration as target applies it.
    private static List<string> Targets(List<string> known, List<string> applied, List<string> pending)
    {
        List<string> later = applied.Count == 0 ? pending
            : [.. pending.Where(p => string.CompareOrdinal(p, applied[^1]) > 0)];
        return later.Count == 0 ? [known[^1]] : later;
    }

    private static List<string> Known(NpgsqlConnection connection)
    {
        using var db = Open(connection);
        return [.. db.Database.GetMigrations().Order(StringComparer.Ordinal)];
    }

    private static async Task MigrateAsync(
        NpgsqlConnection connection, string target, CancellationToken cancellationToken)
    {
        await using var db = Open(connection);

        // The duration depends on the size of the registry. Waiting for locks is limited by lock_timeout.
        db.Database.SetCommandTimeout(TimeSpan.Zero);
#pragma warning disable RS0030 // Runs once at the start, always with the master's connection string.
        await db.GetService<IMigrator>().MigrateAsync(target, cancellationToken);
#pragma warning restore RS0030
    }

    private static MasterContext Open(NpgsqlConnection connection)
    {
        var options = new DbContextOptionsBuilder<MasterContext>();
        options.UseApplicationServiceProvider(MasterSetup.IdentityModelServices);
        MasterSetup.Configure(options, connection);
        return new MasterContext(options.Options);
    }

    // The session returns to its pool afterwards, which resets both.
    internal static Task SetTimeoutsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        MasterDatabase.ExecuteAsync(
        connection,
        string.Create(
            CultureInfo.InvariantCulture,
            $"SET lock_timeout = {(int)LockTimeout.TotalMilliseconds}; SET statement_timeout = 0"),
        cancellationToken);

    private async Task RetryAsync(NpgsqlConnection connection, Func<Task> work, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception e) when (IsLocked(e))
            {
                var holders = await HoldersAsync(connection, cancellationToken);
                if (attempt == Attempts)
                {
                    throw new RuleException("registry_locked", holders);
                }

                LogLocked(logger, holders, (int)pause.TotalSeconds);
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    // EF Core wraps exceptions that it considers transient.
    private static bool IsLocked(Exception exception) =>
        (exception as PostgresException ?? exception.InnerException as PostgresException)?.SqlState
            is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected;

    private static async Task<string> HoldersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT coalesce(string_agg(
                format('%s %s (%s)', usename, pid, coalesce(nullif(application_name, ''), '-')),
                ', ' ORDER BY pid), '-')
            FROM pg_stat_activity WHERE pid IN (
                SELECT pid FROM pg_locks
                WHERE granted AND pid <> pg_backend_pid()
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                  AND relation = (
                      SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE n.nspname = 'public' AND c.relname = 'clientes_saas'))
            """, connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<bool> HasRegistryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand("SELECT to_regclass('public.clientes_saas') IS NOT NULL", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    // A master that was empty belongs to the portal alone. Other programs may use a master that was taken over, so only
    // its owner may close it (Vigia.Portal prepare-server).
    private static async Task CloseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand("SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()",
            connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            await MasterDatabase.ExecuteAsync(
                connection, $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(connection.Database)} FROM PUBLIC",
                cancellationToken);
            await MasterDatabase.ExecuteAsync(connection, "REVOKE ALL ON SCHEMA public FROM PUBLIC", cancellationToken);
        }
    }

    private static async Task<List<string>> AppliedAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('portal.migrations') IS NOT NULL", connection);
        var applied = new List<string>();
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return applied;
        }

        await using var command = new NpgsqlCommand("SELECT migration_id FROM portal.migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetString(0));
        }

        applied.Sort(StringComparer.Ordinal);
        return applied;
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Master database: {Count} migration(s) applied, now at {Migration}")]
    private static partial void LogMigrated(ILogger logger, int count, string migration);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The registry is in use by {Sessions}; its migration is tried again in {Seconds} s")]
    private static partial void LogLocked(ILogger logger, string sessions, int seconds);
}
