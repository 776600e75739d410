using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Looks at the databases of a server and stores what it sees as <see cref="ObservedDatabase"/>. It writes only what
/// has changed. A change reaches every open page through the feed.
/// </summary>
public sealed class DatabaseObserver(
    IDbContextFactory<MasterContext> contexts, NpgsqlDataSource master, ServerConnections servers)
{
    // Rows that others wrote after this look began are newer than what it saw: a tenant may have become ready.
    private const string StoreSql = """
        INSERT INTO portal.observed_databases AS o (server_id, name, is_present, refusal, remedy, changed_at)
        SELECT $1, s.name, s.is_present, s.refusal, s.remedy, clock_timestamp()
        FROM unnest($2::text[], $3::boolean[], $4::text[], $5::text[]) AS s(name, is_present, refusal, remedy)
        ON CONFLICT (server_id, name) DO UPDATE
        SET is_present = EXCLUDED.is_present, refusal = EXCLUDED.refusal, remedy = EXCLUDED.remedy,
            changed_at = EXCLUDED.changed_at, size_bytes = CASE WHEN EXCLUDED.is_present THEN o.size_bytes END
        WHERE o.changed_at < $6
          AND (o.is_present, o.refusal, o.remedy)
              IS DISTINCT FROM (EXCLUDED.is_present, EXCLUDED.refusal, EXCLUDED.remedy)
        """;

    // The catalogue is read first: it shows why the tenant's session failed.
    private const string StoreRefusalSql = """
        UPDATE portal.observed_databases o SET refusal = $3, remedy = $4, changed_at = clock_timestamp()
        WHERE server_id = $1 AND name = $2 AND is_present AND (refusal IS NULL OR refusal = ANY ($5))
          AND (o.refusal, o.remedy) IS DISTINCT FROM ($3, $4)
        """;

    // A database that is gone and that nothing in the registry names is of no interest any more.
    private const string ForgetSql = """
        DELETE FROM portal.observed_databases o
        WHERE o.server_id = $1 AND NOT o.is_present
          AND NOT EXISTS (SELECT FROM portal.databases d WHERE d.server_id = o.server_id AND d.name = o.name)
          AND NOT EXISTS (SELECT FROM public.clientes_saas t WHERE t.db_name = o.name)
        """;

    private const string OldestSizesSql = """
        SELECT name FROM portal.observed_databases WHERE server_id = $1 AND is_present
        ORDER BY size_at NULLS FIRST LIMIT $2
        """;

    private const string StoreSizesSql = """
        UPDATE portal.observed_databases o SET size_bytes = s.size, size_at = clock_timestamp()
        FROM unnest($2::text[], $3::bigint[]) AS s(name, size)
        WHERE o.server_id = $1 AND o.name = s.name AND o.is_present
        """;

    /// <summary>Looks at all databases of the server.</summary>
    public Task ObserveAsync(int serverId, CancellationToken cancellationToken) =>
        LookAsync(serverId, null, cancellationToken);

    /// <summary>Looks at one database: whether it is there, whether it can be used, and its size.</summary>
    public async Task ObserveAsync(int serverId, string name, CancellationToken cancellationToken)
    {
        await LookAsync(serverId, [name], cancellationToken);
        await ReadSizesAsync(serverId, [name], cancellationToken);
    }

    /// <summary>Reads the sizes that are the oldest.</summary>
    /// <param name="most">The largest number of databases, because each costs the server about a millisecond.</param>
    public async Task ReadOldestSizesAsync(int serverId, int most, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(OldestSizesSql);
        command.Parameters.Add(new() { Value = serverId });
        command.Parameters.Add(new() { Value = most });
        var names = new List<string>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                names.Add(reader.GetString(0));
            }
        }

        await ReadSizesAsync(serverId, names, cancellationToken);
    }

    /// <summary>
    /// Stores why a session of the tenant's role failed, or that it worked when <paramref name="refusal"/> is null.
    /// </summary>
    /// <param name="name">The name of the database.</param>
    /// <param name="refusal">One of <see cref="DatabaseRefusals.SeenInside"/>.</param>
    /// <param name="remedy">The statements that mend it. Null when there are none.</param>
    internal async Task StoreRefusalAsync(
        int serverId, string name, DatabaseRefusal? refusal, string? remedy, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(StoreRefusalSql);
        command.Parameters.Add(new() { Value = serverId });
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(OptionalText(LowerCaseConverter<DatabaseRefusal>.TextOf(refusal)));
        command.Parameters.Add(OptionalText(remedy));
        command.Parameters.Add(new()
        {
            Value = DatabaseRefusals.SeenInside
                .Select(seen => LowerCaseConverter<DatabaseRefusal>.TextOf(seen)!).ToArray(),
        });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter OptionalText(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text };

    private static bool IsSeenInside(ObservedDatabase row) =>
        row is { IsPresent: true, Refusal: { } refusal } && DatabaseRefusals.SeenInside.Contains(refusal);

    /// <summary>Looks at these databases, or at all.</summary>
    internal async Task LookAsync(
        int serverId, IReadOnlyCollection<string>? only, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var began = await db.Database.SqlQuery<DateTimeOffset>($"SELECT now() AS \"Value\"")
            .SingleAsync(cancellationToken);
        var databases = db.Set<ManagedDatabase>().Where(d => d.ServerId == serverId);
        var observed = db.Set<ObservedDatabase>().AsNoTracking().Where(d => d.ServerId == serverId);
        if (only is not null)
        {
            databases = databases.Where(d => only.Contains(d.Name));
            observed = observed.Where(d => only.Contains(d.Name));
        }

        var roles = await db.Set<TenantCredential>().Where(c => c.IsCurrent)
            .Join(databases, c => c.DatabaseId, d => d.Id, (c, d) => new { d.Name, c.RoleName })
            .ToDictionaryAsync(c => c.Name, c => c.RoleName, cancellationToken);
        var known = await observed.ToDictionaryAsync(d => d.Name, cancellationToken);
        var expected = await databases.Select(d => d.Name).ToListAsync(cancellationToken);
        IReadOnlyList<SurveyedDatabase> seen;
        await using (var catalogue = await servers.OpenCatalogueAsync(serverId, cancellationToken))
        {
            seen = await DatabaseSurvey.ReadAsync(catalogue, roles, only, cancellationToken);
        }

        var present = seen.Select(d => d.Name).ToHashSet();
        var changes = seen.Where(d => !known.TryGetValue(d.Name, out var row)
            || ((row.IsPresent, row.Refusal, row.Remedy) != (true, d.Refusal, d.Remedy)
                && !(d.Refusal is null && IsSeenInside(row))))
            .Select(d => (d.Name, IsPresent: true, d.Refusal, d.Remedy))
            .Concat(expected.Concat(known.Keys).Concat(only ?? []).Distinct()
                .Where(name => !present.Contains(name)
                    && !(known.TryGetValue(name, out var row) && !row.IsPresent))
                .Select(name => (Name: name, IsPresent: false, Refusal: (DatabaseRefusal?)null, Remedy: (string?)null)))
            .ToList();
        await StoreAsync(serverId, changes, began, cancellationToken);
        if (only is null)
        {
            await using var forget = master.CreateCommand(ForgetSql);
            forget.Parameters.Add(new() { Value = serverId });
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Reads the sizes of these databases.</summary>
    internal async Task ReadSizesAsync(
        int serverId, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        if (names.Count == 0)
        {
            return;
        }

        IReadOnlyDictionary<string, long> sizes;
        await using (var catalogue = await servers.OpenCatalogueAsync(serverId, cancellationToken))
        {
            sizes = await DatabaseSurvey.SizesAsync(catalogue, names, cancellationToken);
        }

        await using var command = master.CreateCommand(StoreSizesSql);
        command.Parameters.Add(new() { Value = serverId });
        command.Parameters.Add(new() { Value = names.ToArray() });
        command.Parameters.Add(new()
        {
            Value = names.Select(name => sizes.TryGetValue(name, out var size) ? size : (long?)null).ToArray(),
        });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task StoreAsync(
        int serverId, List<(string Name, bool IsPresent, DatabaseRefusal? Refusal, string? Remedy)> changes,
        DateTimeOffset began, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return;
        }

        await using var command = master.CreateCommand(StoreSql);
        command.Parameters.Add(new() { Value = serverId });
        command.Parameters.Add(new() { Value = changes.Select(c => c.Name).ToArray() });
        command.Parameters.Add(new() { Value = changes.Select(c => c.IsPresent).ToArray() });
        command.Parameters.Add(new()
        {
            Value = changes.Select(c => LowerCaseConverter<DatabaseRefusal>.TextOf(c.Refusal)).ToArray(),
        });
        command.Parameters.Add(new() { Value = changes.Select(c => c.Remedy).ToArray() });
        command.Parameters.Add(new() { Value = began });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
