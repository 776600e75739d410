using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>The openings to every role that the last look at a server found.</summary>
/// <param name="Found">The open databases and the statements that close them.</param>
/// <param name="At">When it was looked at.</param>
public sealed record SeenOpenings(ServerOpenings Found, DateTimeOffset At);

/// <summary>
/// Looks for databases of the master's server that every role may connect to, and stores what it finds. Pages show what
/// was found last.
/// </summary>
public sealed class OpeningsObserver(
    IDbContextFactory<MasterContext> contexts, NpgsqlDataSource master, TimeProvider time)
{
    /// <summary>Looks now. Stores nothing.</summary>
    public async Task<ServerOpenings> LookAsync(CancellationToken cancellationToken)
    {
        await using var session = await master.OpenConnectionAsync(cancellationToken);
        return await ServerOpenings.ReadAsync(session, session.Database, null, cancellationToken);
    }

    /// <summary>Looks now and stores what is found.</summary>
    public async Task<SeenOpenings> ObserveAsync(CancellationToken cancellationToken)
    {
        var seen = new SeenOpenings(await LookAsync(cancellationToken), time.GetUtcNow());
        var found = JsonSerializer.Serialize(seen.Found);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<DatabaseServer>().Where(s => s.Id == ServerConnections.MasterServerId)
            .ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Openings, found).SetProperty(x => x.OpeningsAt, seen.At), cancellationToken);
        return seen;
    }

    /// <summary>Returns what was found last. Null while nobody has looked.</summary>
    public async Task<SeenOpenings?> LastAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<DatabaseServer>().AsNoTracking()
            .SingleOrDefaultAsync(s => s.Id == ServerConnections.MasterServerId, cancellationToken)
            is { Openings: { } found, OpeningsAt: { } at }
            ? new SeenOpenings(JsonSerializer.Deserialize<ServerOpenings>(found)!, at) : null;
    }
}
