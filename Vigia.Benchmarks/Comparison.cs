using System.Globalization;

namespace Vigia.Benchmarks;

/// <summary>What was measured beside its floor.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Floor">Milliseconds of the floor, a number a round.</param>
/// <param name="Ours">Milliseconds of ours, a number a round.</param>
/// <param name="Most">The ratio of medians that must not be passed; null where none is demanded.</param>
internal sealed record Comparison(string Name, IReadOnlyList<double> Floor, IReadOnlyList<double> Ours, double? Most)
{
    public double Ratio => Median(Ours) / Median(Floor);

    public bool Holds => Most is not { } most || Ratio <= most;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: floor {Median(Floor):0.00} ms, ours {Median(Ours):0.00} ms, ratio {Ratio:0.000}{(Most is { } most ? $" (at most {most}: {(Holds ? "holds" : "BROKEN")})" : "")}");

    private static double Median(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
