namespace Vigia.Tests.Architecture;

/// <summary>
/// The folders of the portal: <c>Api</c>, <c>Startup</c> and each feature below <c>Components</c>. See
/// docs/architecture.md#portal-folders. Code outside them belongs to no folder: it puts the portal together.
/// </summary>
internal static class PortalFolders
{
    private const string Portal = "Vigia.Portal";

    /// <summary>The folders of the tree.</summary>
    public static readonly IReadOnlySet<string> Known = new HashSet<string>(
    [
        .. SourceFiles.Of(Portal, "*.cs").Concat(SourceFiles.Of(Portal, "*.razor"))
            .Select(file => Path.GetDirectoryName(SourceFiles.RelativePath(file))!.Replace('\\', '/').Split('/'))
            .Select(parts => string.Join('/', parts.Skip(1).Take(parts.ElementAtOrDefault(1) == "Components" ? 2 : 1)))
            .Where(folder => folder.Length > 0 && folder is not "Components"),
    ]);

    // Nothing but the program itself starts it. Of the pages only those that document the API know its classes.
    private static readonly Dictionary<string, string[]> UsersOfTheTop =
        new() { ["Startup"] = [], ["Api"] = ["Components/Api"] };

    /// <summary>The folder of a namespace or a type; null outside all of them.</summary>
    public static string? Of(string name)
    {
        var parts = name.Split('.');
        if (!name.StartsWith(Portal + ".", StringComparison.Ordinal))
        {
            return null;
        }

        var folder = parts[2] == "Components" ? string.Join('/', parts.Skip(2).Take(2)) : parts[2];
        return Known.Contains(folder) ? folder : null;
    }

    /// <summary>Returns the references that are part of a circle, or that lead to the top.</summary>
    public static IReadOnlyList<string> Violations(IEnumerable<Reference> references)
    {
        var between = references.Select(r => (Reference: r, From: Of(r.Origin), To: Of(r.Target)))
            .Where(r => r.From is not null && r.To is not null && r.From != r.To).ToList();
        var circles = Floors.InCircles(between.ToLookup(r => r.From!, r => r.To!)).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. between.Where(r => circles.Contains(r.From!) && circles.Contains(r.To!))
                .Select(r => $"{r.Reference.Where} ({r.From}) is part of a circle: it uses {r.Reference.Target}")
                .Concat(between.Where(r => UsersOfTheTop.TryGetValue(r.To!, out var users) && !users.Contains(r.From))
                    .Select(r => $"{r.Reference.Where} ({r.From}) uses {r.To}, which is above it"))
                .Distinct().Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// The references to the driver of the database. The portal asks a service of Vigia.Core instead.
    /// </summary>
    public static IEnumerable<string> Drivers(IEnumerable<Reference> references) =>
        references.Where(r => r.Target.StartsWith("Npgsql", StringComparison.Ordinal)).Select(r => r.Where);
}
