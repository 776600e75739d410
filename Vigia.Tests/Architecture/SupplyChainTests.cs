using System.Text.Json;
using System.Xml.Linq;

namespace Vigia.Tests.Architecture;

/// <summary>Packages are locked by hash, come from one feed and have no known vulnerabilities.</summary>
public sealed class SupplyChainTests
{
    [Fact]
    public void Projects_AllOfThem_HaveALockFileWithHashes()
    {
        var projects = Directory.GetFiles(SourceFiles.Root, "Vigia.*.csproj", SearchOption.AllDirectories);
        Assert.Equal(4, projects.Length);
        Assert.All(projects, project =>
        {
            using var locked = JsonDocument.Parse(
                File.ReadAllText(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")));
            var packages = locked.RootElement.GetProperty("dependencies").EnumerateObject()
                .SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project").ToList();
            Assert.NotEmpty(packages);
            Assert.All(packages, package =>
                Assert.NotEmpty(package.Value.GetProperty("contentHash").GetString()!));
        });
    }

    [Fact]
    public void Restore_InTheChecksAndTheImage_IsLocked()
    {
        Assert.Contains("dotnet restore Vigia.Portal.sln --locked-mode", Read("script/test"), StringComparison.Ordinal);
        Assert.Contains("-p:RestoreLockedMode=true", Read("script/publish"), StringComparison.Ordinal);
        Assert.Matches("dotnet restore Vigia.Portal .*--locked-mode", Read("Dockerfile"));
        Assert.Contains("nuget.config", Read("Dockerfile"), StringComparison.Ordinal);
    }

    [Fact]
    public void Feeds_OnlyOne_HasEveryPackageMappedToIt()
    {
        var config = XDocument.Parse(Read("nuget.config"));
        var feeds = config.Descendants("packageSources").Single();

        Assert.Equal("clear", feeds.Elements().First().Name.LocalName);
        var feed = Assert.Single(feeds.Elements("add"));
        var mapped = Assert.Single(config.Descendants("packageSource"));
        Assert.Equal(feed.Attribute("key")!.Value, mapped.Attribute("key")!.Value);
        Assert.Equal("*", mapped.Element("package")!.Attribute("pattern")!.Value);
    }

    // Warnings are errors, so a known vulnerability stops the build. Only a feed without advisories does not.
    [Fact]
    public void Audit_OfAllPackages_StopsTheBuildUnlessTheFeedHasNoAdvisories()
    {
        var properties = XDocument.Parse(Read("Directory.Build.props")).Descendants().ToLookup(e => e.Name.LocalName);

        Assert.Equal(("true", "all", "low"), (properties["NuGetAudit"].Single().Value,
            properties["NuGetAuditMode"].Single().Value, properties["NuGetAuditLevel"].Single().Value));
        Assert.Equal("$(WarningsNotAsErrors);NU1900", properties["WarningsNotAsErrors"].Single().Value);
        Assert.Equal("true", properties["TreatWarningsAsErrors"].Single().Value);
        Assert.DoesNotContain("NU19", properties["NoWarn"].Single().Value, StringComparison.Ordinal);
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(SourceFiles.Root, file));
}
