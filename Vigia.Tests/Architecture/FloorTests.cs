using System.Text.RegularExpressions;

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
    public void Core_UsingLines_UseLowerFloorsOnlyAndFormNoCircle()
    {
        var references = Code.Usings("Vigia.Core").ToList();

        Assert.True(references.Count > 1_000, $"{references.Count} lines found");
        Assert.Equal([], Floors.Violations(references));
    }

    [Fact]
    public void Core_EveryFile_HasTheNamespaceOfItsFolder()
    {
        var wrong =
            from file in SourceFiles.Of("Vigia.Core", "*.cs")
            let expected = Path.GetDirectoryName(SourceFiles.RelativePath(file))!.Replace('/', '.')
            let found = NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value
            where found != expected && found.Length > 0 && !IsSubjectOfTenantSchema(expected, found)
            select $"{SourceFiles.RelativePath(file)}: {found}";

        Assert.Equal([], wrong);
    }

    [Fact]
    public void Core_AsyncLocal_IsNotUsed() => Assert.Equal([], Code.CompiledReferences
        .Where(r => r.Target.StartsWith("System.Threading.AsyncLocal", StringComparison.Ordinal)).Select(r => r.Where));

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

    private static Reference Wrong(string origin, string target) =>
        new($"Vigia.Core.{origin}", $"Vigia.Core.{target}", "Some.cs");

    // The entities of a tenant's database share one namespace, but have a folder for each subject.
    private static bool IsSubjectOfTenantSchema(string expected, string found) =>
        found == "Vigia.Core.TenantSchema" && expected.StartsWith(found + ".", StringComparison.Ordinal);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
