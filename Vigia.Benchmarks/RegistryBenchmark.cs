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

    public static async Task<bool> RunAsync(World world, int rounds, CancellationToken cancellationToken)
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

        await ClaimsAsync(world, cancellationToken);
        await SuspensionsAsync(world, first, 1, cancellationToken);
        await SuspensionsAsync(world, first, 16, cancellationToken);
        return holds;
    }

    private static async Task ClaimsAsync(World world, CancellationToken cancellationToken)
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
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"a claim with 100,000 queued and four workers: median {times[times.Count / 2]:0.00} ms, "
            + $"95 % {times[times.Count * 95 / 100]:0.00} ms"));
    }

    private static async Task SuspensionsAsync(World world, int first, int atOnce, CancellationToken cancellationToken)
    {
        const int Count = 400;
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range((atOnce * 1_000) + first, Count),
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            async (id, cancel) =>
            {
                await using var scope = world.Services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<TenantActivation>()
                    .SuspendAsync(Actor.System, id, "falta_de_pago", null, cancel);
            });
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"suspensions, {atOnce} at once: {Count / Stopwatch.GetElapsedTime(started).TotalSeconds:0} a second"));
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
