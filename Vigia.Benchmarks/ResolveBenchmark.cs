using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Tenancy;

namespace Vigia.Benchmarks;

/// <summary>
/// The cost of finding the tenant of a request among 100,000, beside a bare look-up in the same kind of dictionary.
/// Also how soon after the start the catalogue is complete, and its memory.
/// </summary>
internal static class ResolveBenchmark
{
    private const int Calls = 1_000_000;
    private const double Most = 3;
    private const double MostSeconds = 2;
    private const long MostBytes = 60_000_000;

    public static async Task<bool> RunAsync(World world, int rounds, CancellationToken cancellationToken)
    {
        await using (var session = await World.OpenAsync(world.Master, cancellationToken))
        {
            await RegistryData.FillTenantsAsync(session, cancellationToken);
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var started = Stopwatch.GetTimestamp();
        using var tenantSide = await world.StartTenantSideAsync(cancellationToken);
        var catalog = tenantSide.Services.GetRequiredService<TenantCatalog>();
        while (catalog.Count < RegistryData.Tenants)
        {
            await Task.Delay(5, cancellationToken);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"The catalogue of {catalog.Count:N0} tenants: complete {seconds:0.0} s after its host began to start "
            + $"(at most {MostSeconds}), {bytes / 1e6:0.0} MB with all of the host (at most {MostBytes / 1e6:0})"));

        var resolver = tenantSide.Services.GetRequiredService<TenantResolver>();
        var names = Enumerable.Range(1, RegistryData.Tenants).Select(i => $"c-{i}").ToArray();
        Random.Shared.Shuffle(names);

        // In the order of the registry and with its own names, as in the catalogue: otherwise what is looked up next
        // would lie beside what was looked up last.
        var bare = new ConcurrentDictionary<string, TenantEntry>(StringComparer.Ordinal);
        foreach (var number in Enumerable.Range(1, RegistryData.Tenants))
        {
            var entry = catalog.TryFind($"c-{number}", out var found) ? found : throw new InvalidOperationException();
            bare[entry.Subdomain] = entry;
        }

        var (floor, ours) = (new List<double>(), new List<double>());
        for (var round = -3; round < rounds; round++)
        {
            var (one, other) = (Time(() => LookUp(bare, names)), Time(() => Resolve(resolver, names)));
            if (round >= 0)
            {
                (floor, ours) = ([.. floor, one], [.. ours, other]);
            }
        }

        var comparison = new Comparison($"{Calls:N0} resolutions from the header", floor, ours, Most);
        Console.WriteLine(comparison);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Resolve(resolver, names);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var cores = Environment.ProcessorCount;
        var together = Enumerable.Range(0, rounds).Select(_ => Time(
            () => Parallel.For(0, cores, new() { MaxDegreeOfParallelism = cores }, _ => Resolve(resolver, names))))
            .Order().ElementAt(rounds / 2);
        var alone = ours.Order().ElementAt(rounds / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{allocated} bytes allocated (0 wanted); {cores} cores at once take {together / alone:0.00} times as "
            + $"long as one alone"));
        await tenantSide.StopAsync(cancellationToken);
        return comparison.Holds && allocated == 0 && seconds <= MostSeconds && bytes <= MostBytes;
    }

    private static double Time(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static int LookUp(ConcurrentDictionary<string, TenantEntry> tenants, string[] names)
    {
        var found = 0;
        for (var (call, place) = (0, 0); call < Calls; call++, place = place + 1 == names.Length ? 0 : place + 1)
        {
            found += tenants.TryGetValue(names[place], out var entry) && entry.IsActive ? 1 : 0;
        }

        return found;
    }

    private static int Resolve(TenantResolver resolver, string[] names)
    {
        var found = 0;
        for (var (call, place) = (0, 0); call < Calls; call++, place = place + 1 == names.Length ? 0 : place + 1)
        {
            found += resolver.Resolve(new TenantClues(names[place], null, null)).IsRefused ? 0 : 1;
        }

        return found == Calls ? found : throw new InvalidOperationException("A tenant was not found.");
    }
}
