using System.Globalization;

namespace Vigia.Benchmarks.Pages;

/// <summary>
/// The costs of a start and of an open page: the time until the portal is ready, the memory that it has then, and the
/// memory of each of a hundred open lists.
/// </summary>
internal static class CircuitsBenchmark
{
    private const double MostSeconds = 2;
    private const double MostMegabytesOfAPage = 1;
    private const int WarmPages = 20;
    private const int Pages = 100;

    /// <summary>Prints the lines.</summary>
    /// <returns>Whether all of them hold.</returns>
    public static async Task<bool> RunAsync(
        World world, string program, int rounds, CancellationToken cancellationToken)
    {
        for (var i = 0; i < 200; i++)
        {
            await world.RegisterAsync(cancellationToken);
        }

        var starts = new List<double>();
        for (var i = 0; i < rounds; i++)
        {
            await using var started = await PortalProgram.StartAsync(program, world.Folder, cancellationToken);
            starts.Add(started.Ready.TotalSeconds);
        }

        await using var portal = await PortalProgram.StartAsync(program, world.Folder, cancellationToken);
        var ready = Megabytes(portal);
        // The first pages compile code and fill caches. Those that follow cost what a page costs.
        await portal.OpenAsync(WarmPages, "/clientes", cancellationToken);
        var warm = Megabytes(portal);
        await portal.OpenAsync(WarmPages + Pages, "/clientes", cancellationToken);
        var each = (Megabytes(portal) - warm) / Pages;
        var start = starts.Order().ElementAt(starts.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ready after {start:0.0} s (at most {MostSeconds}), {ready:0} MB; "
            + $"{warm:0} MB with {WarmPages} lists open"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"an open list: {each:0.00} MB (at most {MostMegabytesOfAPage}), over {Pages} pages"));
        return start <= MostSeconds && each <= MostMegabytesOfAPage;
    }

    private static double Megabytes(PortalProgram portal) => portal.Memory / 1_000_000.0;
}
