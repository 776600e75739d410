using System.Text.RegularExpressions;
using Vigia.Portal.Components.Shared;

namespace Vigia.Tests.Architecture;

/// <summary>Checks the rules of the floors. See docs/architecture.md#floors.</summary>
public sealed partial class FloorTests
{
    [Fact]
    public void Core_CompiledTypes_UseLowerFloorsOnlyAndFormNoCircle()
    {
        var references = Code.CompiledReferences
            .Where(r => r.Origin.StartsWith("Vigia.Core.", StringComparison.Ordinal)).ToList();

        Assert.True(references.Count > 5_000, $"{references.Count} references found");
        Assert.Equal([], Floors.Violations(references));
    }

    [Fact]
    public void Core_Sources_UseLowerFloorsOnlyAndFormNoCircle()
    {
        var references = Code.SourceReferences("Vigia.Core");

        Assert.True(references.Count > 1_000, $"{references.Count} references found");
        Assert.Equal([], Floors.Violations(references));
    }

    [Theory]
    [InlineData("Vigia.Core", 400)]
    [InlineData("Vigia.Portal", 250)]
    [InlineData("Vigia.Tests", 250)]
    [InlineData("Vigia.Benchmarks", 10)]
    public void Files_OfAProject_HaveTheNamespaceOfTheirFolder(string project, int least)
    {
        var files =
            from file in SourceFiles.Of(project, "*.cs")
            let expected = Path.GetDirectoryName(SourceFiles.RelativePath(file))!.Replace('/', '.')
            select (Path: SourceFiles.RelativePath(file), Expected: expected,
                Found: NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value);
        var all = files.ToList();

        Assert.True(all.Count > least, $"{all.Count} files found");
        Assert.Equal([], all.Where(f => f.Found != f.Expected && f.Found.Length > 0
            && !IsSubjectOfTenantSchema(f.Expected, f.Found)).Select(f => $"{f.Path}: {f.Found}"));
    }

    /// <summary>A namespace that every file gets would be in no file's using lines.</summary>
    [Fact]
    public void Projects_GiveNoNamespaceOfOursToEveryFile()
    {
        Assert.Equal([], SourceFiles.Of("", "*.cs").Where(file => GlobalUsing().IsMatch(File.ReadAllText(file))));
        Assert.Equal([], SourceFiles.Of("", "*.csproj").Concat(SourceFiles.Of("", "*.props"))
            .Where(file => File.ReadAllText(file).Contains("<Using Include=\"Vigia", StringComparison.Ordinal)));
    }

    /// <summary>
    /// Nothing finds its tenant or its person by the flow of calls (docs/rules.md#no-ambient-tenant). One component
    /// says by it whether a life-cycle method reads (docs/decisions/structure.md#d440).
    /// </summary>
    [Fact]
    public void AsyncLocal_HoldsNoTenant_IsUsedForTheLifeCycleOnly() => Assert.Equal(
        [typeof(EndingComponent).FullName], Ambient(Code.CompiledReferences));

    [Fact]
    public void Ambient_ClassWithAnAsyncLocal_IsReported() => Assert.Contains(
        typeof(Samples.AmbientTenant).FullName,
        Ambient(Code.SampleReferences(typeof(Samples.AmbientTenant).Namespace!)));

    [Theory]
    [InlineData("TenantSchema", "Foundation.Errors")]
    [InlineData("Foundation.Errors", "Registry.Tenants")]
    [InlineData("Postgres", "Registry.Servers")]
    [InlineData("Registry.Audit", "Operations")]
    [InlineData("Operations", "Staff.Team")]
    [InlineData("Staff.Approvals", "Lifecycle.Deletion")]
    [InlineData("Lifecycle.Deletion", "Tenants")]
    public void Violations_ReferenceUpwards_IsReported(string origin, string target) =>
        Assert.Contains("uses a higher floor", Floors.Violations([Wrong(origin, target)])[0], StringComparison.Ordinal);

    [Theory]
    [InlineData("Lifecycle.Deletion", "Lifecycle.Provisioning")]
    [InlineData("Registry.Audit", "Registry.Mail")]
    [InlineData("Tenants", "Api")]
    public void Violations_TwoFeaturesOfOneFloorUseEachOther_BothAreReported(string one, string other) =>
        Assert.Equal(2, Floors.Violations([Wrong(one, other), Wrong(other, one)]).Count);

    [Fact]
    public void Violations_CircleOfThree_AllAreReported() => Assert.Equal(3, Floors.Violations(
    [
        Wrong("Staff.Team", "Staff.SignIn"), Wrong("Staff.SignIn", "Staff.Tokens"),
        Wrong("Staff.Tokens", "Staff.Team"),
    ]).Count);

    [Theory]
    [InlineData("Tenants", "Lifecycle.Provisioning")]
    [InlineData("Lifecycle.Deletion", "Lifecycle.Provisioning")]
    [InlineData("Registry.Databases", "TenantSchema")]
    [InlineData("Operations", "Operations")]
    public void Violations_ReferenceDownwards_IsNone(string origin, string target) =>
        Assert.Empty(Floors.Violations([Wrong(origin, target)]));

    // Each of these compiles to a number or a text: nothing of the higher floor is left in the compiled code.
    [Theory]
    [InlineData("using Vigia.Core.Lifecycle.Deletion;", "int x = TenantDeletion.LeastDays;")]
    [InlineData("using static Vigia.Core.Lifecycle.Deletion.TenantDeletion;", "int x = LeastDays;")]
    [InlineData("using D = Vigia.Core.Lifecycle.Deletion;", "int x = D.TenantDeletion.LeastDays;")]
    [InlineData("", "int x = Lifecycle.Deletion.TenantDeletion.LeastDays;")]
    [InlineData("", "int x = Vigia.Core.Lifecycle.Deletion.TenantDeletion.LeastDays;")]
    [InlineData("", "int x = global::Vigia.Core.Lifecycle.Deletion.TenantDeletion.LeastDays;")]
    [InlineData("", "var x = nameof(Lifecycle.Deletion.TenantDeletion);")]
    [InlineData("", "var x = $\"{Lifecycle.Deletion.TenantDeletion.LeastDays} días\";")]
    public void Violations_ConstantOfAHigherFloor_IsReported(string usings, string statement) =>
        Assert.Contains(
            "uses a higher floor", Assert.Single(ViolationsOf(usings, statement)), StringComparison.Ordinal);

    [Theory]
    [InlineData("// As Lifecycle.Deletion.TenantDeletion.LeastDays.")]
    [InlineData("/// <see cref=\"Lifecycle.Deletion.TenantDeletion\"/>")]
    [InlineData("var x = nameof(Registry.Audit.AuditTrail);")]
    [InlineData("var x = Lifecycle.Count.ToString();")]
    [InlineData("var x = Tenants.DatabaseName.Prefix;")]
    public void Violations_TextThatIsNoReferenceUpwards_IsNone(string statement) =>
        Assert.Empty(ViolationsOf("", statement));

    private static IReadOnlyList<string> ViolationsOf(string usings, string statement) =>
        Floors.Violations(SourceText.References("Vigia.Core/Registry/Tenants/Some.cs",
            $"{usings}\nnamespace Vigia.Core.Registry.Tenants;\n{statement}"));

    private static IEnumerable<string> Ambient(IEnumerable<Reference> references) => references
        .Where(r => r.Target.StartsWith("System.Threading.AsyncLocal", StringComparison.Ordinal)).Select(r => r.Where);

    private static Reference Wrong(string origin, string target) =>
        new($"Vigia.Core.{origin}", $"Vigia.Core.{target}", "Some.cs");

    // The entities of a tenant's database share one namespace, but have a folder for each subject.
    private static bool IsSubjectOfTenantSchema(string expected, string found) =>
        found == "Vigia.Core.TenantSchema" && expected.StartsWith(found + ".", StringComparison.Ordinal);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex("^global using (?:static )?Vigia", RegexOptions.Multiline)]
    private static partial Regex GlobalUsing();
}
