using Vigia.Core.Postgres;

namespace Vigia.Benchmarks;

/// <summary>
/// The cost of the counter and the audit record for a writer: a thousand users in one statement and one by one,
/// compared with the same table without triggers.
/// </summary>
internal static class LimitBenchmark
{
    private const string Bare = "CREATE TABLE bare_users (LIKE users INCLUDING ALL)";

    public static async Task<IReadOnlyList<Comparison>> RunAsync(
        World world, int rounds, CancellationToken cancellationToken)
    {
        var (database, _) = await world.ProvisionAsync(cancellationToken);
        await using var session = await World.OpenAsync(world.Master.WithDatabase(database), cancellationToken);
        await World.ExecuteAsync(session, "UPDATE tenant_limits SET max_usuarios = NULL", cancellationToken);
        await World.ExecuteAsync(session, Bare, cancellationToken);
        var (bareBulk, ourBulk, bareSingle, ourSingle) =
            (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            bareBulk.Add(await BulkAsync("bare_users"));
            ourBulk.Add(await BulkAsync("users"));
            bareSingle.Add(await SinglesAsync("bare_users"));
            ourSingle.Add(await SinglesAsync("users"));
        }

        return
        [
            new("1000 users in one statement, counted and recorded, beside a table without triggers", bareBulk, ourBulk,
                null),
            new("20 users in 20 transactions, counted and recorded, beside a table without triggers", bareSingle,
                ourSingle, null),
        ];

        Task<double> BulkAsync(string table) => World.TimeAsync(() => World.ExecuteAsync(
            session,
            $"""
            INSERT INTO {SqlIdentifier.Quote(table)} (email, hashed_password)
            SELECT gen_random_uuid(), 'x' FROM generate_series(1, 1000)
            """,
            cancellationToken));

        Task<double> SinglesAsync(string table) => World.TimeAsync(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await World.ExecuteAsync(
                    session,
                    $"""
                    INSERT INTO {SqlIdentifier.Quote(table)} (email, hashed_password)
                    VALUES (gen_random_uuid(), 'x')
                    """,
                    cancellationToken);
            }
        });
    }
}
