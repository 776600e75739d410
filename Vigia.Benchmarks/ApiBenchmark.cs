using System.Globalization;
using System.Net.Http.Headers;
using Vigia.Benchmarks.Pages;

namespace Vigia.Benchmarks;

/// <summary>
/// The time of two calls of the API: a page of 20 tenants, and one tenant. The program, its PostgreSQL and the caller
/// share the processors of this machine. Beside it stands a call that reads nothing, which is what a request costs at
/// least.
/// </summary>
internal static class ApiBenchmark
{
    private const int AtOnce = 16;
    private static readonly TimeSpan During = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(
        World world, string program, int tenant, int rounds, CancellationToken cancellationToken)
    {
        await using var portal = await PortalProgram.StartAsync(program, world.Folder, cancellationToken);
        using var client = new HttpClient { BaseAddress = portal.Address };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", await portal.TokenAsync(cancellationToken));
        await AwaitFillAsync(world, cancellationToken);
        foreach (var (name, path) in new[]
        {
            ("a call that reads nothing", "/health/live"),
            ("a page of 20", "/api/v1/admin/clientes?page_size=20"),
            ("one tenant", string.Create(CultureInfo.InvariantCulture, $"/api/v1/admin/clientes/{tenant + 77}")),
        })
        {
            Task AskAsync(CancellationToken cancel) => AskedAsync(client, path, cancel);
            await PerSecondAsync(AskAsync, TimeSpan.FromSeconds(2), cancellationToken);
            var times = new List<double>();
            for (var i = 0; i < rounds * 10; i++)
            {
                times.Add(await World.TimeAsync(() => AskAsync(cancellationToken)));
            }

            times.Sort();
            var perSecond = await PerSecondAsync(AskAsync, During, cancellationToken);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"API, {name}: {times[times.Count / 2]:0.0} ms one at a time (wanted 4), {perSecond:0} requests "
                + $"a second with {AtOnce} at once on {Environment.ProcessorCount} cores (wanted 500)"));
        }
    }

    // After its start, the program looks once at every row of the registry, which takes a processor for some seconds.
    private static async Task AwaitFillAsync(World world, CancellationToken cancellationToken)
    {
        await using var session = await World.OpenAsync(world.Master, cancellationToken);
        while (await RegistryBenchmark.ScalarAsync(
            session, "SELECT pg_try_advisory_lock(6217766061413990402)", cancellationToken) is not true)
        {
            await Task.Delay(200, cancellationToken);
        }

        await World.ExecuteAsync(session, "SELECT pg_advisory_unlock_all()", cancellationToken);
    }

    private static async Task AskedAsync(HttpClient client, string path, CancellationToken cancellationToken)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
    }

    private static async Task<double> PerSecondAsync(
        Func<CancellationToken, Task> askAsync, TimeSpan during, CancellationToken cancellationToken)
    {
        var (asked, started) = (0, TimeProvider.System.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (TimeProvider.System.GetElapsedTime(started) < during)
            {
                await askAsync(cancellationToken);
                Interlocked.Increment(ref asked);
            }
        }));
        return asked / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }
}
