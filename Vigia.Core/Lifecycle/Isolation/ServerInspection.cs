using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>The few databases of a server that no index finds.</summary>
/// <param name="Foreign">Databases that are not ours.</param>
/// <param name="Unmanaged">Databases of ours that lost their marker.</param>
/// <param name="OpenToAll">Databases of ours on which PUBLIC, that is, every role, has a right.</param>
public sealed record ServerOddities(
    IReadOnlyList<string> Foreign, IReadOnlyList<string> Unmanaged, IReadOnlyList<string> OpenToAll);

/// <summary>
/// Looks through all databases of a server for those few. With 100,000 databases one look takes a good part of a
/// second, so the next proofs use it for a time that grows with what it took. On a small server everybody
/// looks anew.
/// State of the process: the last look at each server.
/// </summary>
public sealed class ServerInspection
{
    /// <summary>How many times longer than it took a look is used.</summary>
    private const int Reuse = 20;

    /// <summary>Up to this many databases, everybody looks anew, however busy the server is.</summary>
    private const int Small = 1_000;

    // A look that is this quick is not worth keeping.
    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(20);

    private const string Sql = """
        SELECT CASE WHEN o.id IS NULL THEN 'foreign'
                    WHEN m.description IS DISTINCT FROM 'vigia:' || i.master_id || ':' || o.id THEN 'unmanaged'
                    ELSE 'open' END, d.datname
        FROM pg_database d CROSS JOIN portal.instance i
        LEFT JOIN portal.databases o ON o.name = d.datname AND o.server_id = $1
        LEFT JOIN pg_shdescription m ON m.objoid = d.oid AND m.classoid = 'pg_database'::regclass
        WHERE d.datname NOT IN ('template0', 'template1', 'postgres', current_database())
          AND (o.id IS NULL OR m.description IS DISTINCT FROM 'vigia:' || i.master_id || ':' || o.id
               OR d.datacl IS NULL OR EXISTS (SELECT FROM unnest(d.datacl) AS a WHERE a::text LIKE '=%'))
        ORDER BY 2
        """;

    private readonly ConcurrentDictionary<int, (ServerOddities Found, long Until)> _last = new();

    /// <summary>Returns what the last look found, or looks again.</summary>
    /// <param name="catalogue">A session of the portal's role in the master.</param>
    public async Task<ServerOddities> ReadAsync(
        NpgsqlConnection catalogue, int serverId, CancellationToken cancellationToken)
    {
        if (_last.TryGetValue(serverId, out var last) && Stopwatch.GetTimestamp() < last.Until)
        {
            return last.Found;
        }

        var started = Stopwatch.GetTimestamp();
        var found = new List<(string Kind, string Name)>();
        await using (var command = new NpgsqlCommand(Sql, catalogue) { Parameters = { new() { Value = serverId } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                // A name that is not UTF-8 can't be given in a session of ours.
                if (TolerantTypes.IsWhole(reader.GetString(1)))
                {
                    found.Add((reader.GetString(0), reader.GetString(1)));
                }
            }
        }

        string[] Of(string kind) => [.. found.Where(f => f.Kind == kind).Select(f => f.Name)];
        var oddities = new ServerOddities(Of("foreign"), Of("unmanaged"), Of("open"));
        var ticks = Stopwatch.GetTimestamp() - started;
        if (Stopwatch.GetElapsedTime(started) > Quick && await CountAsync(catalogue, cancellationToken) > Small)
        {
            _last[serverId] = (oddities, Stopwatch.GetTimestamp() + (Reuse * ticks));
        }

        return oddities;
    }

    private static async Task<long> CountAsync(NpgsqlConnection catalogue, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_database", catalogue);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
