using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Vigia.Benchmarks.Pages;

/// <summary>
/// The cost of open pages: provisioning with 30 and 300 open lists beside provisioning with none, and twenty changes a
/// second with as many lists open.
/// </summary>
internal static class PagesBenchmark
{
    private const double MostOfProvisioning = 1.3;
    private const double MostOfACore = 0.5;
    private static readonly TimeSpan During = TimeSpan.FromSeconds(15);

    /// <summary>Prints the lines.</summary>
    /// <returns>Whether all of them hold.</returns>
    public static async Task<bool> RunAsync(
        World world, string program, int rounds, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 200; i++)
        {
            await world.RegisterAsync(cancellationToken);
        }

        await world.ProvisionAsync(cancellationToken);
        await using var portal = await PortalProgram.StartAsync(program, world.Folder, cancellationToken);
        var none = await ProvisionAsync(world, rounds, cancellationToken);
        Console.WriteLine($"provisioning, no page open: {none:0} ms");
        var holds = true;
        foreach (var pages in new[] { 30, 300 })
        {
            await portal.OpenAsync(pages, "/clientes", cancellationToken);
            var some = await ProvisionAsync(world, rounds, cancellationToken);
            holds &= some <= none * MostOfProvisioning;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"provisioning, {pages} lists open: {some:0} ms, "
                + $"{some / none:0.00} x none (at most {MostOfProvisioning})"));
            holds &= await ChangeAsync(world, portal, cancellationToken);
        }

        return holds;
    }

    // The median, because the first one makes the template's pages warm.
    private static async Task<double> ProvisionAsync(World world, int rounds, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            times.Add(await World.TimeAsync(() => world.ProvisionAsync(cancellationToken)));
        }

        return times.Order().ElementAt(times.Count / 2);
    }

    private static async Task<bool> ChangeAsync(World world, PortalProgram portal, CancellationToken cancellationToken)
    {
        await using var session = await World.OpenAsync(world.Master, cancellationToken);
        var (processor, statements, renders) =
            (portal.Processor, await StatementsAsync(session, cancellationToken), portal.Renders);
        var started = Stopwatch.GetTimestamp();
        using var twentyASecond = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var changes = 0;
        while (Stopwatch.GetElapsedTime(started) < During
            && await twentyASecond.WaitForNextTickAsync(cancellationToken))
        {
            await World.ExecuteAsync(session, string.Create(CultureInfo.InvariantCulture,
                $"UPDATE clientes_saas SET contacto_nombre = 'c{changes}' "
                + $"WHERE id = (SELECT id FROM clientes_saas ORDER BY id OFFSET {++changes % 200} LIMIT 1)"),
                cancellationToken);
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        var cores = (portal.Processor - processor) / elapsed;
        var asked = await StatementsAsync(session, cancellationToken) - statements - changes;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{changes / elapsed.TotalSeconds:0} changes a second, {portal.Pages} lists open: "
            + $"{cores:0.00} cores (at most {MostOfACore}), {asked / elapsed.TotalSeconds:0} transactions and "
            + $"{(portal.Renders - renders) / elapsed.TotalSeconds:0} drawings a second"));
        return cores <= MostOfACore;
    }

    private static async Task<long> StatementsAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await World.ExecuteAsync(
            session, "SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()", cancellationToken);
        await using var command = new NpgsqlCommand(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()", session);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
