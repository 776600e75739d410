namespace Vigia.Tests.Architecture;

/// <summary>
/// A feature has one name: the folders of the portal and of the tests are called as those of Vigia.Core.
/// </summary>
public sealed class FolderNameTests
{
    // Folders of Vigia.Portal/Components without a feature of Vigia.Core, and why.
    private static readonly Dictionary<string, string> OnlyInThePortal = new()
    {
        ["Dashboard"] = "shows what several features know",
        ["Layout"] = "the frame around all pages",
        ["Shared"] = "components of several features",
        ["Transport"] = "HTTP, which Vigia.Core does not know",
        ["Welcome"] = "the one page of TenantSide, whose other parts are in Vigia.Portal/Api/TenantSide",
    };

    // Folders of Vigia.Tests without a folder of Vigia.Core, and why.
    private static readonly Dictionary<string, string> OnlyInTheTests = new()
    {
        ["Architecture"] = "rules of the whole repository",
        ["Browser"] = "pages in a real browser; its folders are those of Vigia.Portal/Components",
        ["Components"] = "components without a browser; its folders are those of Vigia.Portal/Components",
        ["Examples"] = "the worked example of docs/extend.md",
        ["Faults"] = "kills and outages, which concern several features at once",
        ["Infrastructure"] = "hosts and servers for all tests",
    };

    // Tests with the name of a class of Vigia.Core that are elsewhere than the class, and why.
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["Api/DocumentTests.cs"] = "tests the document of the HTTP API, not the entity of a tenant's database",
        ["Staff/Decisions/ApprovalTests.cs"] = "tests the decisions on approvals",
        ["TenantSide/TenantInvitationTests.cs"] = "tests the use of an invitation",
    };

    [Fact]
    public void Portal_EveryFolder_HasTheNameOfAFeature()
    {
        var features = Folders("Vigia.Core").Select(folder => folder.Split('/')[^1]).ToHashSet();
        var folders = Folders("Vigia.Portal/Components").Where(folder => !folder.Contains('/')).ToList();

        Assert.True(folders.Count > 20, $"{folders.Count} folders found");
        Assert.Equal([], folders.Where(folder => !features.Contains(folder) && !OnlyInThePortal.ContainsKey(folder)));
        Assert.Equal([], OnlyInThePortal.Keys.Where(name => !folders.Contains(name) || features.Contains(name)));
    }

    [Fact]
    public void Tests_EveryFolder_IsOneOfCoreOrOfThePortal()
    {
        var (core, portal) = (Folders("Vigia.Core"), Folders("Vigia.Portal/Components"));
        var folders = Folders("Vigia.Tests");

        Assert.True(folders.Count > 50, $"{folders.Count} folders found");
        Assert.Equal([], folders.Where(folder => (folder.Split('/', 2) is ["Browser" or "Components", var feature])
            ? !portal.Contains(feature)
            : !core.Contains(folder) && !OnlyInTheTests.ContainsKey(folder.Split('/')[0])));
        Assert.Equal([], OnlyInTheTests.Keys.Where(name => !folders.Contains(name) || core.Contains(name)));
    }

    [Fact]
    public void TestClass_OfAClassOfCore_IsInItsFolder()
    {
        var classes = Files("Vigia.Core").ToLookup(file => Path.GetFileNameWithoutExtension(file), FolderOf);
        var misplaced = Files("Vigia.Tests")
            .Where(file => !OnlyInTheTests.ContainsKey(file.Split('/')[0])
                && file.EndsWith("Tests.cs", StringComparison.Ordinal)
                && classes[Path.GetFileName(file)[..^"Tests.cs".Length]].ToList() is [_, ..] homes
                && !homes.Contains(FolderOf(file)))
            .ToList();

        Assert.Equal([], misplaced.Where(file => !Elsewhere.ContainsKey(file)));
        Assert.Equal([], Elsewhere.Keys.Except(misplaced));
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(file)!.Replace('\\', '/');

    // Each folder with code in it or below it.
    private static HashSet<string> Folders(string project) =>
    [
        .. Files(project).Select(FolderOf).Where(folder => folder.Length > 0)
            .SelectMany(folder => folder.Split('/').Select((_, i) => string.Join('/', folder.Split('/').Take(i + 1)))),
    ];

    private static IEnumerable<string> Files(string project) =>
        SourceFiles.Of(project, "*.cs").Concat(SourceFiles.Of(project, "*.razor"))
            .Select(file => Path.GetRelativePath(Path.Combine(SourceFiles.Root, project), file).Replace('\\', '/'));
}
