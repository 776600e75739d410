using System.Globalization;

namespace Vigia.Benchmarks;

/// <summary>A measurement and its floor.</summary>
/// <param name="Name">The name of the measurement.</param>
/// <param name="Floor">Milliseconds of the floor, one number per round.</param>
/// <param name="Ours">Milliseconds of the portal's code, one number per round.</param>
/// <param name="Most">The largest ratio of medians that is allowed; null if there is no limit.</param>
internal sealed record Comparison(string Name, IReadOnlyList<double> Floor, IReadOnlyList<double> Ours, double? Most)
{
    public double Ratio => Median(Ours) / Median(Floor);

    public bool Holds => Most is not { } most || Ratio <= most;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: floor {Median(Floor):0.00} ms, ours {Median(Ours):0.00} ms, ratio {Ratio:0.000}"
        + $"{(Most is { } most ? $" (at most {most}: {(Holds ? "holds" : "BROKEN")})" : "")}");

    private static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2]
            : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
