using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Core.Master;

/// <summary>Brings the master database to this build's schema, under an advisory lock so that instances that start at once don't collide.</summary>
public sealed partial class MasterMigrator(NpgsqlDataSource master, ILogger<MasterMigrator> logger)
{
    /// <summary>Any constant that is ours: 'VIGI' and 1 for "migrate the master".</summary>
    private const long LockKey = 0x56494749_00000001;

    /// <summary>Migrates on an open connection; a missing database is an error, never created (invariant 12).</summary>
    /// <exception cref="RuleException"><c>master_newer</c>: an instance of a newer build has migrated it.</exception>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await master.OpenConnectionAsync(cancellationToken);
        await using (var lockCommand = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } }, CommandTimeout = 0 })
        {
            await lockCommand.ExecuteNonQueryAsync(cancellationToken);
        }

        var options = new DbContextOptionsBuilder<MasterContext>();
        options.UseApplicationServiceProvider(MasterSetup.IdentityModelServices);
        MasterSetup.Configure(options, connection);
        await using var db = new MasterContext(options.Options);
        var known = db.Database.GetMigrations().ToHashSet();
        var applied = await AppliedAsync(connection, cancellationToken);
        if (applied.FirstOrDefault(m => !known.Contains(m)) is { } unknown)
        {
            throw new RuleException("master_newer", unknown);
        }

        var pending = known.Except(applied).Order().ToList();
        if (pending.Count > 0)
        {
            var isEmpty = applied.Count == 0 && !await HasRegistryAsync(connection, cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
            if (isEmpty)
            {
                await CloseAsync(connection, cancellationToken);
            }

            LogMigrated(logger, pending.Count, pending[^1]);
        }

        await using var unlock = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = LockKey } } };
        await unlock.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<bool> HasRegistryAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass('public.clientes_saas') IS NOT NULL", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    // A master that was empty is ours alone. One that was taken over others may live in: closing it is for its owner to say (Vigia.Portal prepare-server).
    private static async Task CloseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()", connection);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            await MasterDatabase.ExecuteAsync(connection, $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(connection.Database)} FROM PUBLIC", cancellationToken);
            await MasterDatabase.ExecuteAsync(connection, "REVOKE ALL ON SCHEMA public FROM PUBLIC", cancellationToken);
        }
    }

    private static async Task<List<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('portal.migrations') IS NOT NULL", connection);
        var applied = new List<string>();
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return applied;
        }

        await using var command = new NpgsqlCommand("SELECT migration_id FROM portal.migrations ORDER BY 1", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetString(0));
        }

        return applied;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Master database: {Count} migration(s) applied, now at {Migration}")]
    private static partial void LogMigrated(ILogger logger, int count, string migration);
}
