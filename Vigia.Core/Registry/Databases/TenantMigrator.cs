using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Registry.Databases;

/// <summary>Migrates a tenant's database to the schema version of this build, and checks that it is complete.</summary>
public sealed class TenantMigrator(TenantSchemaVersions versions)
{
    /// <summary>
    /// Migrates the database of an open connection to the newest version, each migration in a transaction of its own
    /// (an empty database in a single transaction). A failure leaves the database at a complete version. No
    /// database is ever created, because only that session is used (docs/rules.md#no-database-by-accident).
    /// </summary>
    /// <param name="connection">A session of the role that owns the tables.</param>
    /// <param name="lockTimeout">
    /// The longest wait for a lock. Statements of other sessions on the same table queue behind the waiting migration
    /// for as long.
    /// </param>
    /// <param name="cancellationToken">Cancels the work. Committed migrations stay.</param>
    /// <exception cref="RuleException">
    /// <c>schema_newer</c>: the database is newer than this build. <c>schema_shadowed</c>: names of PostgreSQL's own
    /// would mean something else. Nothing was changed.
    /// </exception>
    /// <exception cref="PostgresException">55P03: the lock was not available in time.</exception>
    public async Task MigrateAsync(
        NpgsqlConnection connection, TimeSpan lockTimeout, CancellationToken cancellationToken)
    {
        if (connection.State != System.Data.ConnectionState.Open)
        {
            throw new InvalidOperationException("Migrations run on an open connection only.");
        }

        var version = await versions.ReadAsync(connection, cancellationToken);
        if (version > versions.Head)
        {
            throw new RuleException("schema_newer");
        }

        await using (var timeout = new NpgsqlCommand(
            "SELECT pg_catalog.set_config('lock_timeout', $1, false)", connection)
        { Parameters = { new() { Value = $"{(long)lockTimeout.TotalMilliseconds}ms" } } })
        {
            await timeout.ExecuteNonQueryAsync(cancellationToken);
        }

        while (version < versions.Head)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (version > 0)
            {
                // Only one session migrates at a time, as with EF's migrator. A migration that another session has
                // committed in the meantime is not run again.
                await RunAsync(connection, "LOCK TABLE public.\"__EFMigrationsHistory\" IN ACCESS EXCLUSIVE MODE",
                    cancellationToken);
                version = await versions.ReadAsync(connection, cancellationToken);
            }

            if (version < versions.Head)
            {
                // Scripts name tables without their schema, so they also find what others have made in it.
                if (await SchemaReader.ListShadowsAsync(connection, cancellationToken) is { Count: > 0 } shadows)
                {
                    throw new RuleException("schema_shadowed", string.Join(", ", shadows));
                }

                await RunAsync(connection, "SET LOCAL search_path = public", cancellationToken);
                await RunAsync(connection, versions.ScriptFrom(version), cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
            version = await versions.ReadAsync(connection, cancellationToken);
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Checks that every table of the model exists.</summary>
    /// <exception cref="RuleException"><c>schema_incomplete</c>, with the names of the missing tables.</exception>
    public static async Task VerifyTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = TenantModel.Types.Select(TenantModel.TableOf).ToArray();
        await using var command = new NpgsqlCommand(
            """
            SELECT coalesce(string_agg(t, ', '), '') FROM unnest($1) AS t
            WHERE to_regclass('public.' || quote_ident(t)) IS NULL
            """, connection)
        { Parameters = { new() { Value = tables } } };
        if (await command.ExecuteScalarAsync(cancellationToken) is string { Length: > 0 } missing)
        {
            throw new RuleException("schema_incomplete", missing);
        }
    }
}
