using Npgsql;

namespace Vigia.Benchmarks;

/// <summary>
/// Compares an audited change with the bare statements that it needs: one lock, one record, one update of the head, one
/// commit.
/// </summary>
internal static class AppendBenchmark
{
    private const int Each = 20;

    // The tables without the portal's triggers and indexes.
    private const string Bare = """
        CREATE TABLE portal.bare_events (
            seq bigint PRIMARY KEY, at timestamptz NOT NULL, body text NOT NULL, after jsonb, hash bytea NOT NULL);
        CREATE TABLE portal.bare_head (id integer PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL);
        INSERT INTO portal.bare_head VALUES (1, 0, '')
        """;

    public static async Task<IReadOnlyList<Comparison>> RunAsync(
        World world, int rounds, CancellationToken cancellationToken)
    {
        await using var session = await World.OpenAsync(world.Master, cancellationToken);
        await World.ExecuteAsync(session, Bare, cancellationToken);
        var (bare, ours) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            bare.Add(await World.TimeAsync(() => RepeatAsync(() => BareAsync(session, cancellationToken))) / Each);
            ours.Add(await World.TimeAsync(() => RepeatAsync(() => world.AppendAsync(cancellationToken))) / Each);
        }

        return [new("an audit record: values through jsonb, chained, the head signed, beside the bare statements", bare,
            ours, null)];
    }

    private static async Task RepeatAsync(Func<Task> work)
    {
        for (var i = 0; i < Each; i++)
        {
            await work();
        }
    }

    private static async Task BareAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await World.ExecuteAsync(session, "SELECT * FROM portal.bare_head WHERE id = 1 FOR UPDATE", cancellationToken);
        await World.ExecuteAsync(
            session,
            """
            INSERT INTO portal.bare_events
            SELECT seq + 1, now(), repeat('x', 400), '{"plan": "basico"}', sha256(hash) FROM portal.bare_head;
            UPDATE portal.bare_head SET seq = seq + 1, hash = sha256(hash)
            """,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
