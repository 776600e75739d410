using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Vigia.Portal.Components.Shared;
using Vigia.Tests.Architecture;

namespace Vigia.Tests.Components;

/// <summary>The dependencies of the portal's folders on each other and on the layers below.</summary>
public sealed partial class FolderTests
{
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

    [GeneratedRegex("type=\"(date|datetime-local|month|week)\"")]
    private static partial Regex NativeDate();
}
