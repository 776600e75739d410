using System.Text.RegularExpressions;
using Vigia.Tests.Examples;

namespace Vigia.Tests.Architecture;

/// <summary>Code and documents cite only files and anchors that the repository contains.</summary>
public sealed partial class CitationTests
{
    // Documents name a class or a folder of these without the name of the project.
    private static readonly string[] Projects =
        ["Vigia.Core", "Vigia.Portal", "Vigia.Portal/Components", "Vigia.Tests"];

    [Fact]
    public void Citations_OfDocuments_HaveTheirFileAndAnchor()
    {
        var citations = Files().SelectMany(file => Citation().Matches(File.ReadAllText(file))
            .Select(m => (File: file, Document: "docs/" + m.Groups[1].Value, Anchor: m.Groups[2].Value))).ToList();

        Assert.True(citations.Count > 150, $"{citations.Count} citations found");
        Assert.Equal([], citations.Where(c => !Exists(c.Document, c.Anchor))
            .Select(c => $"{SourceFiles.RelativePath(c.File)}: {c.Document}#{c.Anchor}"));
    }

    [Fact]
    public void Links_InDocuments_LeadSomewhere()
    {
        var links = SourceFiles.Of("", "*.md").SelectMany(file => Link().Matches(File.ReadAllText(file))
            .Select(m => (File: file, Path: m.Groups[1].Value, Anchor: m.Groups[2].Value))).ToList();

        Assert.True(links.Count > 50, $"{links.Count} links found");
        Assert.Equal([], links.Where(l => !Leads(l.File, l.Path, l.Anchor))
            .Select(l => $"{SourceFiles.RelativePath(l.File)}: {l.Path}#{l.Anchor}"));
    }

    [Fact]
    public void Paths_InDocuments_Exist()
    {
        var paths = SourceFiles.Of("", "*.md").SelectMany(file => SourcePath().Matches(File.ReadAllText(file))
            .Select(m => (File: file, Path: m.Value.TrimEnd('.', '/')))).ToList();

        // These exist only in the copy of the repository to which a test applies the worked example.
        var made = WorkedExample.Read().Changes.Where(c => c.IsNew).Select(c => c.Path).ToList();

        Assert.True(paths.Count > 40, $"{paths.Count} paths found");
        Assert.Equal([], paths.Where(p => !Exists(p.Path, "") && !made.Exists(path => Contains(p.Path, path)))
            .Select(p => $"{SourceFiles.RelativePath(p.File)}: {p.Path}"));
    }

    /// <summary>The auditors' table names tests as evidence (docs/compliance.md).</summary>
    [Fact]
    public void Classes_NamedInDocuments_Exist()
    {
        var named = SourceFiles.Of("", "*.md").SelectMany(file => NamedClass().Matches(File.ReadAllText(file))
            .Select(m => (File: file, Path: m.Groups[1].Value))).ToList();

        Assert.True(named.Count > 40, $"{named.Count} classes found");
        Assert.Equal([], named.Where(n => n.Path != "America/Lima" && !IsClassOrFolder(n.Path))
            .Select(n => $"{SourceFiles.RelativePath(n.File)}: {n.Path}"));
    }

    [Theory]
    [InlineData("Registry/Audit/VerifyTests", true)]
    [InlineData("Operations/*", true)]
    [InlineData("Lifecycle/Removal", true)]
    [InlineData("Foundation/Secrets/NoSuchTests", false)]
    [InlineData("Foundation/NoSuchFolder/*", false)]
    public void IsClassOrFolder_KnownAndUnknown_TellsThemApart(string path, bool expected) =>
        Assert.Equal(expected, IsClassOrFolder(path));

    /// <summary>Not only code and documents cite, and not every file has an ending.</summary>
    [Theory]
    [InlineData("compose.yaml")]
    [InlineData("deploy/Caddyfile")]
    [InlineData(".gitattributes")]
    [InlineData(".env.example")]
    [InlineData("script/tenant-schema")]
    [InlineData("Vigia.Portal/BannedSymbols.txt")]
    [InlineData("Vigia.Core/Vigia.Core.csproj")]
    [InlineData("Vigia.Core/Registry/Master/Sql/0001_registry.sql")]
    public void Files_WithEveryEnding_AreRead(string path) =>
        Assert.Contains(path, Files().Select(SourceFiles.RelativePath));

    [Fact]
    public void Files_WithoutText_AreNotRead() => Assert.DoesNotContain(
        Files(), file => Path.GetExtension(file) is ".png" or ".woff2");

    /// <summary>
    /// The rows of the map name the folders of the repository, those of Vigia.Core, and the features of each floor.
    /// </summary>
    [Fact]
    public void Map_InReadme_NamesEveryFolderThatItsLevelsShow()
    {
        var readme = File.ReadAllText(Path.Combine(SourceFiles.Root, "README.md"));
        var rows = readme.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        var files = SourceFiles.Of("", "*").Select(SourceFiles.RelativePath).ToList();
        var shown = files.Where(file => file.Contains('/')).Select(file => $"`{file.Split('/')[0]}/`")
            .Concat(files.Where(InCore).Select(file => $"`Vigia.Core/{file.Split('/')[1]}/`")).Distinct();
        var features = files.Where(InCore).Select(file => file.Split('/')).Where(parts => parts.Length > 3)
            .Select(parts => (Floor: parts[1], Name: parts[2])).Distinct()
            .Where(feature => !Floors.Undivided.Contains(feature.Floor)).ToList();

        Assert.Equal([], shown.Where(
            folder => !rows.Exists(row => FirstCell(row).Contains(folder, StringComparison.Ordinal))));
        Assert.Equal([], features.Where(feature => !NamedIn(feature.Floor).Contains(feature.Name)));
        Assert.Equal([], features.Select(feature => feature.Floor).Distinct().SelectMany(
            floor => NamedIn(floor).Except(features.Where(f => f.Floor == floor).Select(f => f.Name))));

        static bool InCore(string file) =>
            file.StartsWith("Vigia.Core/", StringComparison.Ordinal) && file.Count(c => c == '/') > 1;

        static string FirstCell(string row) => row.Split(" | ")[0];

        HashSet<string> NamedIn(string floor) =>
        [
            .. rows.Where(row => FirstCell(row).Contains($"`Vigia.Core/{floor}/`", StringComparison.Ordinal))
                .SelectMany(row => NamedFolder().Matches(row[FirstCell(row).Length..])).Select(m => m.Groups[1].Value),
        ];
    }

    [Fact]
    public void Map_InReadme_LinksEveryDocument()
    {
        var readme = File.ReadAllText(Path.Combine(SourceFiles.Root, "README.md"));

        Assert.Equal([], SourceFiles.Of("docs", "*.md").Select(SourceFiles.RelativePath)
            .Where(document => document.Count(c => c == '/') == 1
                && !readme.Contains($"]({document})", StringComparison.Ordinal)));
    }

    [Fact]
    public void Citations_OfDocumentsOutsideTheRepository_DoNotOccur() => Assert.Equal([], Files()
        .SelectMany(file => Foreign().Matches(File.ReadAllText(file))
            .Select(m => $"{SourceFiles.RelativePath(file)}: {m.Value}")));

    /// <summary>A number alone leads nowhere, and no test would notice that the decision is not there.</summary>
    [Fact]
    public void Citations_OfDecisions_NameTheirPage() => Assert.Equal([], Files()
        .Where(file => !file.EndsWith(".md", StringComparison.Ordinal))
        .SelectMany(file => File.ReadLines(file).Where(line => BareDecision().IsMatch(line))
            .Select(line => $"{SourceFiles.RelativePath(file)}: {line.Trim()}")));

    [Theory]
    [InlineData("// Nobody else changes them (D341).", true)]
    [InlineData("# As D12 says.", true)]
    [InlineData("// See docs/decisions/operations.md#d341.", false)]
    [InlineData("var text = $\"{number:D10}\";", false)]
    [InlineData("// The text of number.ToString(\"D10\").", false)]
    public void BareDecision_Line_IsFound(string line, bool expected) =>
        Assert.Equal(expected, BareDecision().IsMatch(line));

    [Theory]
    [InlineData("docs/rules.md", "retention", true)]
    [InlineData("docs/rules.md", "no-such-rule", false)]
    [InlineData("docs/no-such-page.md", "", false)]
    public void Exists_KnownAndUnknown_TellsThemApart(string document, string anchor, bool expected) =>
        Assert.Equal(expected, Exists(document, anchor));

    // This file itself contains names of documents that do not exist.
    private static IEnumerable<string> Files() => SourceFiles.Of("", "*")
        .Where(file => !file.EndsWith("CitationTests.cs", StringComparison.Ordinal) && IsText(file));

    private static bool IsText(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4096];
        return !start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)].Contains((byte)0);
    }

    private static bool IsClassOrFolder(string path)
    {
        var folder = path.TrimEnd('*').TrimEnd('/');
        return Projects.Any(project => Directory.Exists(Path.Combine(SourceFiles.Root, project, folder))
            || File.Exists(Path.Combine(SourceFiles.Root, project, path + ".cs")));
    }

    private static bool Contains(string folder, string path) =>
        path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static bool Leads(string from, string path, string anchor) => Exists(SourceFiles.RelativePath(
        path.Length == 0 ? from : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(from)!, path))), anchor);

    private static bool Exists(string document, string anchor)
    {
        var file = Path.Combine(SourceFiles.Root, document);
        if (anchor.Length == 0)
        {
            return File.Exists(file) || Directory.Exists(file);
        }

        return File.Exists(file) && Anchors(File.ReadAllText(file)).Contains(anchor);
    }

    // Explicit anchors, and the anchors that headings get from their text.
    private static IEnumerable<string> Anchors(string text) => WrittenAnchor().Matches(text)
        .Select(m => m.Groups[1].Value)
        .Concat(Heading().Matches(text).Select(m => Slug(m.Groups[1].Value)));

#pragma warning disable CA1308 // The slugs of headings are lower case.
    private static string Slug(string heading) =>
        NotInSlug().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');
#pragma warning restore CA1308

    [GeneratedRegex(@"docs/([\w/-]+\.md)(?:#([\w-]+))?")]
    private static partial Regex Citation();

    [GeneratedRegex(@"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([\w-]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b[Ff]acts? \d+(\.\d+)*|\b[Aa]rchitecture,? section|\b[Ii]nvariant \d|vigia-facts|"
        + @"(?<![\w/])(?:http-api|ux|style)\.md")]
    private static partial Regex Foreign();

    [GeneratedRegex(@"\bVigia\.(?:Core|Portal|Tests|Benchmarks)/[\w./-]*")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"`([A-Z]\w+(?:/[A-Z]\w*)*/(?:[A-Z]\w*|\*))`")]
    private static partial Regex NamedClass();

    [GeneratedRegex(@"(?:^|\s)(?://+|/?\*|@\*|\#)\s.*(?<![\w""#:])D[1-9]\d{0,2}\b")]
    private static partial Regex BareDecision();

    [GeneratedRegex(@"`([A-Z]\w+)`")]
    private static partial Regex NamedFolder();

    [GeneratedRegex("<a id=\"([^\"]+)\"")]
    private static partial Regex WrittenAnchor();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInSlug();
}
