using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Benchmarks;

/// <summary>
/// The lists, counts and badges of a large registry, each beside the same rows read by hand-written SQL on a session of
/// the same kind, and how many suspensions and claims the master takes.
/// </summary>
internal static class RegistryBenchmark
{
    private const double Most = 1.5;

    /// <param name="world">An empty master.</param>
    /// <param name="program">The published portal, whose API is measured.</param>
    /// <param name="rounds">How often each line is measured.</param>
    public static async Task<bool> RunAsync(
        World world, string program, int rounds, CancellationToken cancellationToken)
    {
        await using var session = await World.OpenAsync(world.Master, cancellationToken);
        await RegistryData.FillAsync(session, cancellationToken);
        await using var scope = world.Services.CreateAsyncScope();
        var first = (int)(await ScalarAsync(session, "SELECT min(id) FROM public.clientes_saas", cancellationToken))!;
        var lines = new RegistryLines(session, scope.ServiceProvider, first);
        var holds = true;
        foreach (var line in lines.All())
        {
            var (floor, ours) = (new List<double>(), new List<double>());
            for (var round = -3; round < rounds; round++)
            {
                var byHand = await World.TimeAsync(() => line.FloorAsync(cancellationToken));
                var byPortal = await World.TimeAsync(() => line.OursAsync(cancellationToken));
                if (round >= 0)
                {
                    (floor, ours) = ([.. floor, byHand], [.. ours, byPortal]);
                }
            }

            var comparison = new Comparison(line.Name, floor, ours, line.IsDemanded ? Most : null);
            Console.WriteLine(comparison);
            holds &= comparison.Holds;
        }

        await ApiBenchmark.RunAsync(world, program, first, rounds, cancellationToken);
        holds &= await ClaimsAsync(world, cancellationToken);
        foreach (var atOnce in new[] { 1, 16 })
        {
            var floor = await BareAsync(world, first, atOnce, cancellationToken);
            var ours = await SuspensionsAsync(world, first, atOnce, cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"suspensions, {atOnce} at once: floor {floor:0} a second, ours {ours:0} a second, "
                + $"ratio {floor / ours:0.00} (wanted {(atOnce == 1 ? 132 : 274)} a second)"));
        }

        return holds;
    }

    private static async Task<bool> ClaimsAsync(World world, CancellationToken cancellationToken)
    {
        var claims = world.Services.GetRequiredService<OperationClaims>();
        var times = new List<double>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 4), cancellationToken, async (_, cancel) =>
        {
            for (var i = 0; i < 50; i++)
            {
                var took = await World.TimeAsync(() => claims.TryClaimAsync(cancel));
                lock (times)
                {
                    times.Add(took);
                }
            }
        });
        times.Sort();
        var median = times[times.Count / 2];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"a claim with 100,000 queued and four workers: median {median:0.00} ms, "
            + $"95 % {times[times.Count * 95 / 100]:0.00} ms (at most 1 ms: {(median <= 1 ? "holds" : "BROKEN")})"));
        return median <= 1;
    }

    // The least that a suspension needs: one lock, two rows, one record in a chain, one commit.
    private static async Task<double> BareAsync(
        World world, int first, int atOnce, CancellationToken cancellationToken)
    {
        await using (var session = await World.OpenAsync(world.Master, cancellationToken))
        {
            await World.ExecuteAsync(
                session,
                """
                CREATE TABLE IF NOT EXISTS portal.bare_events (seq bigint PRIMARY KEY, body text, hash bytea);
                CREATE TABLE IF NOT EXISTS portal.bare_head (id integer PRIMARY KEY, seq bigint, hash bytea);
                INSERT INTO portal.bare_head VALUES (1, 0, '') ON CONFLICT DO NOTHING
                """, cancellationToken);
        }

        return await PerSecondAsync(first + 50_000, atOnce, async (id, cancel) =>
        {
            await using var session = await world.PooledAsync(cancel);
            await using var transaction = await session.BeginTransactionAsync(cancel);
            await World.ExecuteAsync(
                session, $"SELECT * FROM public.clientes_saas WHERE id = {id} FOR UPDATE", cancel);
            await World.ExecuteAsync(
                session,
                $"""
                UPDATE public.clientes_saas SET is_active = false, inactive_kind = 'suspended' WHERE id = {id};
                SELECT * FROM portal.bare_head WHERE id = 1 FOR UPDATE;
                INSERT INTO portal.bare_events SELECT seq + 1, repeat('x', 400), sha256(hash) FROM portal.bare_head;
                UPDATE portal.bare_head SET seq = seq + 1, hash = sha256(hash)
                """, cancel);
            await transaction.CommitAsync(cancel);
        }, cancellationToken);
    }

    private static Task<double> SuspensionsAsync(
        World world, int first, int atOnce, CancellationToken cancellationToken) =>
        PerSecondAsync(first, atOnce, async (id, cancel) =>
        {
            await using var scope = world.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<TenantActivation>()
                .SuspendAsync(Actor.System, id, "falta_de_pago", null, cancel);
        }, cancellationToken);

    private static async Task<double> PerSecondAsync(
        int first, int atOnce, Func<int, CancellationToken, ValueTask> work, CancellationToken cancellationToken)
    {
        const int Count = 400;
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range((atOnce * 1_000) + first, Count),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, work);
        return Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    internal static async Task<object?> ScalarAsync(
        NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}

/// <summary>One comparison: the same rows by hand and by the portal.</summary>
internal sealed record RegistryLine(
    string Name, Func<CancellationToken, Task> FloorAsync, Func<CancellationToken, Task> OursAsync,
    bool IsDemanded = true);
