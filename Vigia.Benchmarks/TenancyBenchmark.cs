using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Tenancy;

namespace Vigia.Benchmarks;

/// <summary>
/// Requests of many tenants on few connections: 64 clients, tenants chosen by Zipf's law, a budget of 40. It is never
/// passed. Where the tenants in use fit the budget, it is nearly as fast as one pool to one database.
/// </summary>
internal static class TenancyBenchmark
{
    private const int Usual = 500;
    private const int Fitting = 12;
    private const int Clients = 64;
    private const int Budget = 40;
    private const int Closing = 2;
    private const double Most = 1 / 0.9;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    // Every request looks up its user.
    private const string Request = "SELECT id, email, is_active FROM users WHERE id = 1";

    /// <param name="world">Where the tenants are made.</param>
    /// <param name="rounds">How often each of the two is measured.</param>
    /// <param name="tenants">How many tenants there are. Null for the usual number.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public static async Task<bool> RunAsync(
        World world, int rounds, int? tenants, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var made = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, tenants ?? Usual),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (_, token) => made.Add((await world.ProvisionAsync(token)).Database["vigia_".Length..]));
        var names = made.ToList();
        Console.WriteLine($"{names.Count} tenants made in {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s");
        using var host = await world.StartTenantSideAsync(cancellationToken, services =>
            services.Configure<TenancyOptions>(o =>
            {
                (o.ConnectionsPerServer, o.CloseIdleAfter) = (Budget, TimeSpan.FromSeconds(5));
                o.WaitForConnection = TimeSpan.FromSeconds(60);
            }));
        var catalog = host.Services.GetRequiredService<TenantCatalog>();
        while (catalog.Count < names.Count || !catalog.IsCurrent)
        {
            await Task.Delay(5, cancellationToken);
        }

        var entries = names.Select(name => catalog.TryFind(name, out var entry) ? entry
            : throw new InvalidOperationException($"{name} is not in the catalogue.")).ToArray();
        var sessions = host.Services.GetRequiredService<TenantSessions>();
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = MostAsync(world, watch.Token);
        await using var plain = Plain(world, names[0]);

        var (floor, ours) = (new List<double>(), new List<double>());
        for (var round = -1; round < rounds; round++)
        {
            var one = await RunAsync(1, _ => PlainAsync(plain, cancellationToken), cancellationToken);
            var other = await RunAsync(Fitting, t => OursAsync(sessions, entries[t], cancellationToken),
                cancellationToken);
            if (round >= 0)
            {
                floor.Add(Round.TotalMilliseconds / one.Count);
                ours.Add(Round.TotalMilliseconds / other.Count);
            }
        }

        var comparison = new Comparison(
            $"A request, {Fitting} tenants on {Budget} connections, {Clients} clients", floor, ours, Most);
        Console.WriteLine(comparison);

        var all = await RunAsync(
            names.Count, t => OursAsync(sessions, entries[t], cancellationToken), cancellationToken, Round * 5);
        var rare = all.Where(r => r.Tenant >= names.Count / 2).Select(r => r.Milliseconds).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{names.Count} tenants: {all.Count / (Round.TotalSeconds * 5):0} requests a second; the rarer half waits "
            + $"{rare[rare.Length / 2]:0.0} ms in the median, {rare[rare.Length * 99 / 100]:0.0} ms at p99 "
            + $"({rare.Length} requests)"));

        var returned = await OnceEachAsync(world, sessions, entries, cancellationToken);
        await watch.CancelAsync();
        var most = await watching;
        Console.WriteLine($"The most connections that the server showed: {most} (at most {Budget} and {Closing} that "
            + "are closing)");
        await host.StopAsync(cancellationToken);
        return comparison.Holds && returned && most <= Budget + Closing;
    }

    /// <summary>All tenants once each, three rounds: memory and sockets come back.</summary>
    private static async Task<bool> OnceEachAsync(
        World world, TenantSessions sessions, TenantEntry[] entries, CancellationToken cancellationToken)
    {
        var after = new List<(double Megabytes, int Sockets)>();
        for (var round = 0; round < 4; round++)
        {
            if (round > 0)
            {
                await Parallel.ForEachAsync(entries, new ParallelOptions { MaxDegreeOfParallelism = 8 },
                    async (entry, _) => await OursAsync(sessions, entry, cancellationToken));
            }

            await using var session = await World.OpenAsync(world.Master, cancellationToken);
            while (await CountAsync(session, cancellationToken) > 0)
            {
                await Task.Delay(100, cancellationToken);
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            after.Add((GC.GetTotalMemory(forceFullCollection: true) / 1e6,
                Directory.GetFileSystemEntries("/proc/self/fd").Length));
        }

        Console.WriteLine($"{entries.Length} tenants once each, three rounds: "
            + string.Join(", ", after.Select(a => string.Create(
                CultureInfo.InvariantCulture, $"{a.Megabytes:0.0} MB and {a.Sockets} files"))));
        return after[3].Megabytes < after[1].Megabytes + 2 && after[3].Sockets <= after[1].Sockets + 5;
    }

    private static async Task<List<(int Tenant, double Milliseconds)>> RunAsync(
        int tenants, Func<int, Task> requestAsync, CancellationToken cancellationToken, TimeSpan? length = null)
    {
        var shares = new double[tenants];
        for (var (t, sum) = (0, 0.0); t < tenants; t++)
        {
            shares[t] = sum += 1.0 / (t + 1);
        }

        var ended = Stopwatch.GetTimestamp() + (long)((length ?? Round).TotalSeconds * Stopwatch.Frequency);
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            var requests = new List<(int, double)>();
            while (Stopwatch.GetTimestamp() < ended)
            {
                var at = Array.BinarySearch(shares, random.NextDouble() * shares[^1]);
                var tenant = Math.Min(at < 0 ? ~at : at, tenants - 1);
                var began = Stopwatch.GetTimestamp();
                await requestAsync(tenant);
                requests.Add((tenant, Stopwatch.GetElapsedTime(began).TotalMilliseconds));
            }

            return requests;
        }, cancellationToken));
        return [.. (await Task.WhenAll(clients)).SelectMany(requests => requests)];
    }

    private static async Task PlainAsync(NpgsqlDataSource plain, CancellationToken cancellationToken)
    {
        await using var connection = await plain.OpenConnectionAsync(cancellationToken);
        await AskAsync(connection, cancellationToken);
    }

    private static async Task OursAsync(
        TenantSessions sessions, TenantEntry entry, CancellationToken cancellationToken)
    {
        await using var session = await sessions.OpenAsync(entry, cancellationToken);
        await AskAsync(session.Connection, cancellationToken);
    }

    private static async Task AskAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Request, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            _ = reader.GetInt32(0);
        }
    }

    private static NpgsqlDataSource Plain(World world, string name)
    {
        var settings = world.Master.WithDatabase($"vigia_{name}").ToConnectionStringBuilder();
        settings.MaxPoolSize = Budget;
        settings.Timeout = 60;
#pragma warning disable RS0030 // The floor: one pool of Npgsql to one database.
        return new NpgsqlDataSourceBuilder(settings.ConnectionString)
            .ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();
#pragma warning restore RS0030
    }

    private static async Task<long> MostAsync(World world, CancellationToken cancellationToken)
    {
        var most = 0L;
        try
        {
            await using var session = await World.OpenAsync(world.Master, cancellationToken);
            while (true)
            {
                most = Math.Max(most, await CountAsync(session, cancellationToken));
                await Task.Delay(5, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            return most;
        }
    }

    private static async Task<long> CountAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var count = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'vigia-tenants-%'", session);
        return (long)(await count.ExecuteScalarAsync(cancellationToken))!;
    }
}
