using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;
using Vigia.Core.Errors;

namespace Vigia.Core.TenantDatabase;

/// <summary>The schema of a tenant's database: which version this build has, which one a database has, and bringing it up.</summary>
public static class TenantSchema
{
    private static readonly string[] Migrations = ReadMigrations();

    // All migrations as one text, made once: generating it takes longer than the database takes to run it.
    private static readonly Lazy<string> FromNothing = new(WriteScript);

    /// <summary>The version of this build: the number of its migrations.</summary>
    public static int HeadVersion => Migrations.Length;

    /// <summary>The version of the database behind <paramref name="connection"/>; 0 when it has no schema.</summary>
    public static async Task<int> GetVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('public.\"__EFMigrationsHistory\"') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return 0;
        }

        await using var count = new NpgsqlCommand("SELECT count(*)::int FROM public.\"__EFMigrationsHistory\"", connection);
        return (int)(await count.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Brings the database behind an open connection to head, each migration in a transaction of its own (an empty one: all in one transaction):
    /// whatever happens, the database is at a whole version. It never creates a database, because it works on that session only (invariant 12).
    /// </summary>
    /// <param name="connection">A session of the role that owns the tables.</param>
    /// <param name="lockTimeout">How long to wait for a lock. Whoever needs the table after us waits behind us for as long.</param>
    /// <param name="cancellationToken">Ends the work; what was committed stays.</param>
    /// <exception cref="RuleException"><c>schema_newer</c>: the database is newer than this build; nothing was touched.</exception>
    /// <exception cref="PostgresException">55P03 when the lock could not be had in time.</exception>
    public static async Task MigrateAsync(NpgsqlConnection connection, TimeSpan lockTimeout, CancellationToken cancellationToken)
    {
        if (connection.State != System.Data.ConnectionState.Open)
        {
            throw new InvalidOperationException("Migrations run on an open connection only.");
        }

        var version = await GetVersionAsync(connection, cancellationToken);
        if (version > HeadVersion)
        {
            throw new RuleException("schema_newer");
        }

        await using (var timeout = new NpgsqlCommand("SELECT set_config('lock_timeout', $1, false)", connection)
        { Parameters = { new() { Value = $"{(long)lockTimeout.TotalMilliseconds}ms" } } })
        {
            await timeout.ExecuteNonQueryAsync(cancellationToken);
        }

        if (version == 0)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var all = new NpgsqlCommand(FromNothing.Value, connection, transaction);
            await all.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return;
        }

        await using var db = TenantContextFactory.On(connection);
        var migrator = db.GetService<IMigrator>();
        foreach (var migration in await db.Database.GetPendingMigrationsAsync(cancellationToken))
        {
            await migrator.MigrateAsync(migration, cancellationToken);
        }
    }

    /// <summary>Checks that every table of the model is there.</summary>
    /// <exception cref="RuleException"><c>schema_incomplete</c>, naming what is missing.</exception>
    public static async Task VerifyTablesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = TenantModel.Types.Select(TenantModel.TableOf).ToArray();
        await using var command = new NpgsqlCommand(
            "SELECT coalesce(string_agg(t, ', '), '') FROM unnest($1) AS t WHERE to_regclass('public.' || quote_ident(t)) IS NULL", connection)
        { Parameters = { new() { Value = tables } } };
        if (await command.ExecuteScalarAsync(cancellationToken) is string { Length: > 0 } missing)
        {
            throw new RuleException("schema_incomplete", missing);
        }
    }

    private static string[] ReadMigrations()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        return [.. db.Database.GetMigrations()];
    }

    private static string WriteScript()
    {
        using var db = new TenantContextFactory().CreateDbContext([]);
        return db.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.NoTransactions);
    }
}
