using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Architecture;

namespace Vigia.Tests.Components;

/// <summary>The dependencies of the portal's folders on each other and on the layers below.</summary>
public sealed partial class FolderTests
{
    // Components of several features without a test of their own, and what shows them.
    private static readonly Dictionary<string, string> TestedOnPages = new()
    {
        ["AdoptLink"] = "the panel and the list of tenants",
        ["FontFaces"] = "every page in a browser",
        ["OperationActions"] = "the page of an operation",
        ["OperationItems"] = "the page of an operation on many tenants",
        ["OperationWait"] = "the page of an operation while the workers are paused",
        ["TenantSchemaVersion"] = "the page of a tenant",
        ["UnpreparedServer"] = "the page of the isolation",
    };

    [Fact]
    public void Portal_UsesNoDriver()
    {
        Assert.DoesNotContain(typeof(SharedText).Assembly.GetReferencedAssemblies(),
            assembly => assembly.Name!.StartsWith("Npgsql", StringComparison.Ordinal));

        // A constant of the driver leaves no trace in the assembly.
        Assert.Equal([], PortalFolders.Drivers(Code.SourceReferences("Vigia.Portal")));
    }

    [Theory]
    [InlineData("using Npgsql;\nnamespace Vigia.Portal.Api;")]
    [InlineData("namespace Vigia.Portal.Api;\nvar x = Npgsql.PostgresErrorCodes.UniqueViolation;")]
    [InlineData("@using Npgsql\n<p>@PostgresErrorCodes.UniqueViolation</p>")]
    public void Drivers_ConstantOfTheDriver_IsReported(string text) =>
        Assert.NotEmpty(PortalFolders.Drivers(SourceText.References("Vigia.Portal/Api/Some", text)));

    [Fact]
    public void Folders_OfThePortal_FormNoCircle()
    {
        var references = Code.CompiledReferences.Concat(Code.SourceReferences("Vigia.Portal")).ToList();

        Assert.Contains(references, r => PortalFolders.Of(r.Origin) == "Api" && PortalFolders.Of(r.Target) is not null);
        Assert.Contains(references, r => PortalFolders.Of(r.Origin) == "Components/Tenants"
            && PortalFolders.Of(r.Target) == "Components/Shared");
        Assert.Equal([], PortalFolders.Violations(references));
    }

    /// <summary>The list of docs/architecture.md#portal-folders has every folder, above those that use it.</summary>
    [Fact]
    public void List_OfThePortalsFolders_IsTheTreeFromTheBottom()
    {
        var document = File.ReadAllText(Path.Combine(SourceFiles.Root, "docs", "architecture.md"));
        var section = document[document.IndexOf("<a id=\"portal-folders\">", StringComparison.Ordinal)..];
        var lines = ListLine().Matches(section[..section.IndexOf("\n## ", StringComparison.Ordinal)])
            .SelectMany(line => Named().Matches(line.Value), (line, name) => (line, Name: name.Groups[1].Value))
            .ToDictionary(entry => FullName(entry.Name), entry => entry.line.Index);
        var references = Code.CompiledReferences.Concat(Code.SourceReferences("Vigia.Portal"))
            .Select(r => (r.Where, From: PortalFolders.Of(r.Origin), To: PortalFolders.Of(r.Target)))
            .Where(r => r.From is not null && r.To is not null && r.From != r.To).ToList();

        Assert.Equal(PortalFolders.Known.Order(), lines.Keys.Order());
        Assert.Equal([], references.Where(r => lines[r.From!] <= lines[r.To!])
            .Select(r => $"{r.From} uses {r.To}: {r.Where}").Distinct());

        static string FullName(string name) => name.StartsWith("Vigia.Portal/", StringComparison.Ordinal)
            ? name["Vigia.Portal/".Length..] : "Components/" + name;
    }

    [Theory]
    [InlineData("Components.Transport", "Api")]
    [InlineData("Components.SignIn.Pages", "Components.Tenants")]
    public void Violations_FoldersThatUseEachOther_AreReported(string one, string other) =>
        Assert.Contains(PortalFolders.Violations([Wrong(one, other), Wrong(other, one)]),
            violation => violation.Contains("part of a circle", StringComparison.Ordinal));

    [Theory]
    [InlineData("Components.Sessions", "Startup")]
    [InlineData("Api", "Startup")]
    [InlineData("Components.Transport", "Api")]
    public void Violations_ReferenceToTheTop_IsReported(string origin, string target) =>
        Assert.Contains("above it", Assert.Single(PortalFolders.Violations([Wrong(origin, target)])),
            StringComparison.Ordinal);

    // Words of a feature, used by name below it; the compiler looks the name up from Vigia.Portal.Components.
    [Fact]
    public void Violations_QualifiedNameOfAFeatureThatUsesTheFolder_IsReported()
    {
        var wrong = SourceText.References(
            "Vigia.Portal/Components/Shared/Some.razor", "<p>@nameof(Tenants.TenantWords)</p>");

        Assert.NotEmpty(PortalFolders.Violations([.. wrong, Wrong("Components.Tenants", "Components.Shared")]));
    }

    [Theory]
    [InlineData("Startup", "Components.Shared")]
    [InlineData("Components.Api", "Api.Documentation")]
    [InlineData("Components", "Startup")]
    public void Violations_ReferenceDownwards_IsNone(string origin, string target) =>
        Assert.Empty(PortalFolders.Violations([Wrong(origin, target)]));

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

    /// <summary>
    /// A component that several features show has a test class, too, unless its content comes from the master: those
    /// are tested on their pages.
    /// </summary>
    [Fact]
    public void Components_OfSeveralFeatures_HaveATestClass()
    {
        var tests = typeof(FolderTests).Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("Vigia.Tests.Components.", StringComparison.Ordinal) == true)
            .Select(type => type.Name).ToHashSet();
        var uses = Directory.EnumerateFiles(Components(), "*.razor", SearchOption.AllDirectories)
            .SelectMany(file => Tag().Matches(File.ReadAllText(file)), (file, tag) => (
                Component: tag.Groups[1].Value, Folder: Path.GetRelativePath(Components(), file).Split('/', '\\')[0]))
            .Distinct().ToLookup(use => use.Component, use => use.Folder);
        var several = typeof(SharedText).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(ComponentBase)) && type.Namespace != typeof(SharedText).Namespace
                && uses[type.Name].Count() > 1)
            .Select(type => type.Name).ToList();

        Assert.True(several.Count > 10, $"{several.Count} components found");
        Assert.Equal([], several.Where(name => !tests.Contains($"{name}Tests") && !TestedOnPages.ContainsKey(name)));
        Assert.Equal([], TestedOnPages.Keys.Where(name => !several.Contains(name) || tests.Contains($"{name}Tests")));
    }

    // A native one has the order of day and month of the browser.
    [Fact]
    public void Pages_HaveNoNativeDateField() =>
        Assert.All(Directory.EnumerateFiles(Components(), "*.razor", SearchOption.AllDirectories),
            file => Assert.DoesNotMatch(NativeDate(), File.ReadAllText(file)));

    private static Reference Wrong(string origin, string target) =>
        new($"Vigia.Portal.{origin}", $"Vigia.Portal.{target}", "Some.cs");

    private static string Components([CallerFilePath] string here = "") =>
        Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "Vigia.Portal", "Components"));

    [GeneratedRegex(@"<([A-Z]\w+)")]
    private static partial Regex Tag();

    [GeneratedRegex(@"^\d+\. .*$", RegexOptions.Multiline)]
    private static partial Regex ListLine();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Named();

    [GeneratedRegex("type=\"(date|datetime-local|month|week)\"")]
    private static partial Regex NativeDate();
}
