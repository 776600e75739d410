namespace Vigia.Tests.Architecture;

/// <summary>
/// The floors of Vigia.Core, from the lowest up, and the rules between them. See docs/architecture.md#floors.
/// </summary>
internal static class Floors
{
    private const string Core = "Vigia.Core";

    /// <summary>The lower floors in order. Everything else in Vigia.Core is a feature of the top floor.</summary>
    public static readonly IReadOnlyList<string> Lower =
        ["TenantSchema", "Foundation", "Postgres", "Registry", "Operations", "Staff", "Lifecycle"];

    /// <summary>Each of these floors is one feature. Their folders only group files.</summary>
    public static readonly IReadOnlyList<string> Undivided = ["TenantSchema", "Postgres", "Operations"];

    /// <summary>Returns the references that break the rules.</summary>
    public static IReadOnlyList<string> Violations(IEnumerable<Reference> references)
    {
        var between = references.Select(r => (Reference: r, From: Place.Of(r.Origin), To: Place.Of(r.Target)))
            .Where(r => r.From is not null && r.To is not null && r.From != r.To).ToList();
        var upwards = between.Where(r => r.To!.Height > r.From!.Height)
            .Select(r => $"{r.Reference.Where} ({r.From}) uses a higher floor: {r.Reference.Target}");
        return [.. upwards.Concat(Circles(between)).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>The groups that can reach themselves along the edges.</summary>
    public static IEnumerable<string> InCircles(ILookup<string, string> edges) =>
        edges.Select(e => e.Key).Where(start => Reached(edges, start).Contains(start));

    private static IEnumerable<string> Circles(IReadOnlyList<(Reference Reference, Place? From, Place? To)> between)
    {
        var sameFloor = between.Where(r => r.From!.Height == r.To!.Height).ToList();
        var edges = sameFloor.Select(r => (From: r.From!.ToString(), To: r.To!.ToString())).Distinct()
            .ToLookup(e => e.From, e => e.To);
        var circles = InCircles(edges).ToHashSet(StringComparer.Ordinal);
        return sameFloor.Where(r => circles.Contains(r.From!.ToString()) && circles.Contains(r.To!.ToString()))
            .Select(r => $"{r.Reference.Where} ({r.From}) is part of a circle: it uses {r.Reference.Target}");
    }

    private static HashSet<string> Reached(ILookup<string, string> edges, string start)
    {
        var (reached, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>([start]));
        while (open.TryPop(out var next))
        {
            foreach (var target in edges[next].Where(reached.Add))
            {
                open.Push(target);
            }
        }

        return reached;
    }

    /// <summary>A feature on its floor.</summary>
    private sealed record Place(int Height, string Floor, string Feature)
    {
        /// <summary>
        /// The place of a namespace or a type; null outside Vigia.Core and for its root, which registers all services.
        /// </summary>
        public static Place? Of(string name)
        {
            if (!name.StartsWith(Core + ".", StringComparison.Ordinal))
            {
                return null;
            }

            var parts = name.Split('.');
            var height = Lower.ToList().IndexOf(parts[2]);
            if (height < 0)
            {
                return new Place(Lower.Count, "top", parts[2]);
            }

            return new Place(height, parts[2], Undivided.Contains(parts[2]) || parts.Length < 4 ? "" : parts[3]);
        }

        public override string ToString() => Feature.Length == 0 ? Floor : $"{Floor}/{Feature}";
    }
}
