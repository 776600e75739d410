namespace Vigia.Tests.Architecture;

/// <summary>
/// No line that people write has more than 120 columns. The .editorconfig says so, but neither the compiler nor
/// <c>dotnet format</c> checks it. Tables and blocks of code in documents are not checked, because they can't be
/// wrapped, and neither are texts of pages, licences and lists of banned symbols, which have one entry a line.
/// </summary>
public sealed class LineLengthTests
{
    private const int Most = 120;
    private const string GeneratedDocument = "docs/tenant-schema.md";

    private static readonly string[] Kinds =
    [
        ".cs", ".razor", ".sql", ".css", ".js", ".sh", ".csproj", ".props", ".yml", ".yaml", ".md", ".example",
        ".editorconfig",
    ];

    private static readonly string[] WithoutEnding = ["Dockerfile", "Caddyfile", "run"];

    // Files that dotnet ef and script/tenant-schema write (docs/extend.md).
    private static readonly string[] Generated = ["Migrations", "Compiled"];

    [Fact]
    public void Lines_ThatPeopleWrite_FitInto120Columns()
    {
        var files = SourceFiles.Of("", "*").Where(file => IsChecked(SourceFiles.RelativePath(file))).ToList();
        var tooLong = files.SelectMany(file => TooLong(SourceFiles.RelativePath(file), File.ReadLines(file))).ToList();

        Assert.True(files.Count > 1_300, $"{files.Count} files found");
        Assert.True(tooLong.Count == 0, string.Join('\n', tooLong));
    }

    [Fact]
    public void TooLong_OneCharacterTooMany_IsReportedWithFileLineAndColumns()
    {
        string[] lines =
            [new string('ñ', Most), new string('ñ', Most + 1), string.Concat(Enumerable.Repeat("💊", Most))];

        Assert.Equal(["Some.cs:2: 121 columns"], TooLong("Some.cs", lines));
    }

    [Fact]
    public void TooLong_TableOrCodeOfADocument_IsNotReported()
    {
        var wide = new string('x', Most + 1);

        Assert.Equal(
            ["a.md:1: 121 columns", "a.md:6: 121 columns"],
            TooLong("a.md", [wide, "| " + wide, "```sh", wide, "```", wide]));
    }

    [Theory]
    [InlineData("Vigia.Core/TenantSchema/TenantModel.cs", true)]
    [InlineData("Vigia.Core/Registry/Master/Sql/0001_registry.sql", true)]
    [InlineData("Vigia.Portal/Components/App.razor.cs", true)]
    [InlineData("script/test", true)]
    [InlineData(".ci/run", true)]
    [InlineData("docs/rules.md", true)]
    [InlineData("docs/tenant-schema.md", false)]
    [InlineData("BannedSymbols.txt", false)]
    [InlineData("Vigia.Core/TenantSchema/Migrations/TenantContextModelSnapshot.cs", false)]
    [InlineData("Vigia.Core/TenantSchema/Compiled/TenantContextModel.cs", false)]
    [InlineData("Vigia.Core/packages.lock.json", false)]
    public void IsChecked_Path_IsTextThatPeopleWrite(string path, bool expected) =>
        Assert.Equal(expected, IsChecked(path));

    private static bool IsChecked(string path) =>
        (Kinds.Contains(Path.GetExtension(path)) || path.StartsWith("script/", StringComparison.Ordinal)
            || WithoutEnding.Contains(Path.GetFileName(path)))
        && path != GeneratedDocument && !path.Split('/').SkipLast(1).Any(Generated.Contains);

    // Characters are counted, and not the UTF-16 code units, of which some characters have two.
    private static IEnumerable<string> TooLong(string path, IEnumerable<string> lines)
    {
        var (isDocument, isCode) = (Path.GetExtension(path) == ".md", false);
        foreach (var (at, text) in lines.Index())
        {
            var start = text.TrimStart();
            isCode ^= isDocument && start.StartsWith("```", StringComparison.Ordinal);
            var columns = text.EnumerateRunes().Count();
            if (columns > Most && !isCode && !(isDocument && start.StartsWith('|')))
            {
                yield return $"{path}:{at + 1}: {columns} columns";
            }
        }
    }
}
