using System.Globalization;
using System.Text.RegularExpressions;

namespace Vigia.Tests.Architecture;

/// <summary>
/// The column <i>after</i> of docs/architecture.md#before-and-after is that of the tree. A difference of a tenth is
/// allowed, because every change would have to count again otherwise.
/// </summary>
public sealed partial class FiguresTests
{
    [Fact]
    public void Table_OfTheHouse_IsThatOfTheTree()
    {
        var document = File.ReadAllText(Path.Combine(SourceFiles.Root, "docs", "architecture.md"));
        var section = document[document.IndexOf("<a id=\"before-and-after\">", StringComparison.Ordinal)..];
        var written = Row().Matches(section).ToDictionary(
            row => row.Groups[1].Value, row => row.Groups[2].Value);

        var wrong = Figures().Where(f => !IsClose(written.GetValueOrDefault(f.Name, ""), f.Value))
            .Select(f => $"| {f.Name} | … | {f.Value} |").ToList();

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("62, 204, 345", "62, 204, 345", true)]
    [InlineData("62, 204, 345", "67, 222, 379", true)]
    [InlineData("62, 204, 345", "62, 204, 400", false)]
    [InlineData("0 of 42", "1 of 42", false)]
    [InlineData("3, 6, 10", "4, 6, 10", false)]
    [InlineData("47, each with its reason", "48", true)]
    [InlineData("", "48", false)]
    public void IsClose_Figures_AreCompared(string written, string counted, bool expected) =>
        Assert.Equal(expected, IsClose(written, counted));

    [Theory]
    [InlineData("5", "5, 5, 5")]
    [InlineData("1 4", "3, 4, 4")]
    [InlineData("9 1 5", "5, 9, 9")]
    public void Spread_Numbers_IsMedianP95AndLongest(string numbers, string expected) =>
        Assert.Equal(expected, Spread(numbers.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture))));

    private static IEnumerable<(string Name, string Value)> Figures()
    {
        var dependencies = DependencyTests.Classes().Select(DependencyTests.Dependencies).Where(n => n > 0).ToList();
        yield return ("lines of a `.cs` file in Vigia.Core: median, p95, longest", Lines("Vigia.Core", "*.cs"));
        yield return ("lines of a `.cs` file in Vigia.Portal", Lines("Vigia.Portal", "*.cs"));
        yield return ("lines of a `.razor` file", Lines("Vigia.Portal", "*.razor"));
        yield return ("lines of a test file", Lines("Vigia.Tests", "*.cs"));
        yield return ("dependencies of a class: median, p95, most", Spread(dependencies));
        yield return ("classes with more than five dependencies", $"{dependencies.Count(n => n > 5)}");
        yield return ("namespaces of Vigia.Core in a circle", Circles("Vigia.Core"));
        yield return ("namespaces of Vigia.Portal in a circle", Circles("Vigia.Portal"));
        yield return ("migrations of the master, of a tenant's database",
            $"{Migrations("Vigia.Core/Registry/Master")}, {Migrations("Vigia.Core/TenantSchema")}");
    }

    private static string Lines(string project, string pattern) =>
        Spread(Written(project, pattern).Select(file => File.ReadLines(file).Count()));

    private static string Spread(IEnumerable<int> numbers)
    {
        var sorted = numbers.Order().ToList();
        var median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2] + 1) / 2;
        return $"{median}, {sorted[sorted.Count * 95 / 100]}, {sorted[^1]}";
    }

    private static string Circles(string project)
    {
        var files = Written(project, "*.cs").Select(File.ReadAllText)
            .Select(text => (Name: NamespaceLine().Match(text).Groups[1].Value, Text: text))
            .Where(file => file.Name.Length > 0).ToList();
        var namespaces = files.Select(file => file.Name).ToHashSet();
        var edges = files.SelectMany(
                file => UsingLine().Matches(file.Text), (file, line) => (From: file.Name, To: line.Groups[1].Value))
            .Where(edge => edge.From != edge.To && namespaces.Contains(edge.To)).ToLookup(e => e.From, e => e.To);
        return $"{Floors.InCircles(edges).Count()} of {namespaces.Count}";
    }

    private static int Migrations(string folder) => SourceFiles.Of(folder, "*.cs").Count(file =>
        MigrationFile().IsMatch(Path.GetFileName(file)));

    private static IEnumerable<string> Written(string project, string pattern) => SourceFiles.Of(project, pattern)
        .Where(file => !SourceFiles.RelativePath(file).Split('/').Any(part => part is "Migrations" or "Compiled"));

    private static bool IsClose(string written, string counted)
    {
        var (old, now) = (Numbers(written), Numbers(counted));
        return old.Count == now.Count
            && old.Zip(now).All(pair => Math.Abs(pair.First - pair.Second) * 10 <= pair.Second);
    }

    private static List<int> Numbers(string text) =>
        [.. Number().Matches(text).Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"^\| ([^|]+) \| [^|]* \| ([^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?(Vigia\.[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"^\d{14}_\w+\.cs$")]
    private static partial Regex MigrationFile();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
