using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Components;

/// <summary>The dependencies of the portal's folders on each other and on the layers below.</summary>
public sealed partial class FolderTests
{
    [Fact]
    public void Portal_UsesNoDriver() =>
        Assert.DoesNotContain(typeof(SharedText).Assembly.GetReferencedAssemblies(),
            assembly => assembly.Name!.StartsWith("Npgsql", StringComparison.Ordinal));

    [Fact]
    public void Features_UseEachOther_WithoutCircle()
    {
        var left = Directory.GetDirectories(Components()).ToDictionary(folder => Path.GetFileName(folder), UsedBy);
        Assert.Contains("Shared", left["Tenants"]);

        // A feature that uses none of the remaining ones is in no circle.
        while (left.Keys.FirstOrDefault(name => !left[name].Any(left.ContainsKey)) is { } free)
        {
            left.Remove(free);
        }

        Assert.True(left.Count == 0, string.Join("; ", left.Select(
            feature => $"{feature.Key} uses {string.Join(", ", feature.Value.Where(left.ContainsKey))}")));
    }

    [Fact]
    public void Shared_EveryComponent_HasATestClass()
    {
        var tests = typeof(FolderTests).Assembly.GetTypes()
            .Where(type => type.Namespace == "Vigia.Tests.Components.Shared").Select(type => type.Name).ToHashSet();

        var components = typeof(SharedText).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(SharedText).Namespace && !type.IsAbstract
                && type.IsAssignableTo(typeof(ComponentBase)))
            .Select(type => type.Name.Split('`')[0]).Except(["KeyHelpDialog", "DayCalendar"]);

        Assert.All(components, name => Assert.Contains($"{name}Tests", tests));
    }

    // A native one has the order of day and month of the browser.
    [Fact]
    public void Pages_HaveNoNativeDateField() =>
        Assert.All(Directory.EnumerateFiles(Components(), "*.razor", SearchOption.AllDirectories),
            file => Assert.DoesNotMatch(NativeDate(), File.ReadAllText(file)));

    private static HashSet<string> UsedBy(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal)
                || file.EndsWith(".razor", StringComparison.Ordinal))
            .SelectMany(file => Feature().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value).Where(name => name != Path.GetFileName(folder)),
    ];

    private static string Components([CallerFilePath] string here = "") =>
        Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Vigia.Portal", "Components"));

    [GeneratedRegex("Vigia\\.Portal\\.Components\\.(\\w+)")]
    private static partial Regex Feature();

    [GeneratedRegex("type=\"(date|datetime-local|month|week)\"")]
    private static partial Regex NativeDate();
}
