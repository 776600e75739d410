namespace Vigia.Tests.Architecture;

/// <summary>
/// No line has more than 120 columns. The .editorconfig says so, but neither the compiler nor <c>dotnet format</c>
/// checks it.
/// </summary>
public sealed class LineLengthTests
{
    private const int Most = 120;

    private static readonly string[] Kinds =
        [".cs", ".razor", ".sql", ".css", ".js", ".sh", ".csproj", ".props", ".yml", ".yaml"];

    // Files that dotnet ef writes (docs/extend.md).
    private static readonly string[] Generated = ["Migrations", "Compiled"];

    [Fact]
    public void Lines_OfEveryTextFile_FitInto120Columns()
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

    [Theory]
    [InlineData("Vigia.Core/TenantSchema/TenantModel.cs", true)]
    [InlineData("Vigia.Core/Registry/Master/Sql/0001_registry.sql", true)]
    [InlineData("Vigia.Portal/Components/App.razor.cs", true)]
    [InlineData("script/test", true)]
    [InlineData("Vigia.Core/TenantSchema/Migrations/TenantContextModelSnapshot.cs", false)]
    [InlineData("Vigia.Core/TenantSchema/Compiled/TenantContextModel.cs", false)]
    [InlineData("Vigia.Core/packages.lock.json", false)]
    public void IsChecked_Path_IsTextThatPeopleWrite(string path, bool expected) =>
        Assert.Equal(expected, IsChecked(path));

    private static bool IsChecked(string path) =>
        (Kinds.Contains(Path.GetExtension(path)) || path.StartsWith("script/", StringComparison.Ordinal))
        && !path.Split('/').SkipLast(1).Any(Generated.Contains);

    // Characters are counted, and not the UTF-16 code units, of which some characters have two.
    private static IEnumerable<string> TooLong(string path, IEnumerable<string> lines) =>
        from line in lines.Select((text, at) => (Columns: text.EnumerateRunes().Count(), Number: at + 1))
        where line.Columns > Most
        select $"{path}:{line.Number}: {line.Columns} columns";
}
