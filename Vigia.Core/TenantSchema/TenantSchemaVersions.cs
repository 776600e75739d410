using System.Reflection;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace Vigia.Core.TenantSchema;

/// <summary>
/// The schema versions of tenant databases that a build knows, and the scripts between them. Each migration states its
/// version with <see cref="SchemaVersionAttribute"/>.
/// </summary>
public sealed class TenantSchemaVersions
{
    private readonly Func<TenantContext> _open;
    private readonly (int Number, string Migration)[] _versions;

    // Scripts are generated once, because generating one takes longer than running it. EF's own migrator is not used:
    // it opens another connection from a connection string (to see whether the database exists), and Npgsql keeps a
    // pool for each distinct string forever.
    private readonly Lazy<string> _fromNothing;
    private readonly Lazy<string>[] _toEach;

    /// <summary>Reads the versions of the migrations of a context.</summary>
    /// <param name="open">Creates a context without a database.</param>
    /// <exception cref="InvalidOperationException">
    /// A migration states no version, or one that is not above the version of the migration before it.
    /// </exception>
    public TenantSchemaVersions(Func<TenantContext> open)
    {
        _open = open;
        _versions = ReadVersions();
        _fromNothing = new(() => WriteScript(null, null));
        _toEach = [.. _versions.Select((version, i) => new Lazy<string>(
            () => WriteScript(i == 0 ? null : _versions[i - 1].Migration, version.Migration)))];
    }

    /// <summary>The versions that this build knows.</summary>
    public static TenantSchemaVersions OfThisBuild { get; } = new(() => new TenantContextFactory().CreateDbContext([]));

    /// <summary>The newest version.</summary>
    public int Head => _versions[^1].Number;

    /// <summary>Reads the id of the last migration of a database; null when it has no schema.</summary>
    public static async Task<string?> ReadMigrationAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists =
            new NpgsqlCommand(
                "SELECT pg_catalog.to_regclass('public.\"__EFMigrationsHistory\"') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return null;
        }

        await using var last = new NpgsqlCommand(
            """SELECT max("MigrationId" COLLATE "C") FROM public."__EFMigrationsHistory" """, connection);
        return await last.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <summary>Finds the version of a migration.</summary>
    /// <returns>
    /// A number above <see cref="Head"/> for a migration that comes after the last one of this build; null for an
    /// earlier one that this build does not know.
    /// </returns>
    public int? FindVersion(string migration) => Array.FindIndex(_versions, v => v.Migration == migration) switch
    {
        >= 0 and var known => _versions[known].Number,
        _ when string.CompareOrdinal(migration, _versions[^1].Migration) > 0 => Head + 1,
        _ => null,
    };

    /// <summary>
    /// The statements that migrate a database from <paramref name="version"/> to the next version; from 0 to
    /// <see cref="Head"/>.
    /// </summary>
    public string ScriptFrom(int version) => version == 0
        ? _fromNothing.Value
        : _toEach[Array.FindIndex(_versions, v => v.Number > version)].Value;

    private (int Number, string Migration)[] ReadVersions()
    {
        using var db = _open();
        var versions = new List<(int Number, string Migration)>();
        foreach (var (id, type) in db.GetService<IMigrationsAssembly>().Migrations
            .OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            var number = type.GetCustomAttribute<SchemaVersionAttribute>()?.Number
                ?? throw new InvalidOperationException($"{id} states no version: give it [SchemaVersion(number)].");
            var before = versions.Count == 0 ? 0 : versions[^1].Number;
            if (number <= before)
            {
                throw new InvalidOperationException($"{id} states version {number}, but {before} comes before it.");
            }

            versions.Add((number, id));
        }

        return [.. versions];
    }

    private string WriteScript(string? after, string? upTo)
    {
        using var db = _open();
        return db.GetService<IMigrator>().GenerateScript(after, upTo, MigrationsSqlGenerationOptions.NoTransactions);
    }
}
