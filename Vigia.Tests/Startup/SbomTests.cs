using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Vigia.Tests.Architecture;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>The bill of materials names everything of others that the portal delivers.</summary>
public sealed class SbomTests : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sbom_HasEveryPackageWithItsHash_AndTheFonts()
    {
        var file = Path.Combine(_folder.Path, "sbom.json");
        var start = new ProcessStartInfo(Path.Combine(SourceFiles.Root, "script/sbom"), [file])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var script = Process.Start(start)!;
        var error = script.StandardError.ReadToEndAsync(Cancellation);
        Assert.Equal(file, (await script.StandardOutput.ReadToEndAsync(Cancellation)).Trim());
        await script.WaitForExitAsync(Cancellation);
        Assert.True(script.ExitCode == 0, await error);

        using var bill = JsonDocument.Parse(await File.ReadAllTextAsync(file, Cancellation));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        var components = bill.RootElement.GetProperty("components").EnumerateArray().ToList();
        var said = components.Where(c => c.TryGetProperty("purl", out _))
            .Select(c => c.GetProperty("purl").GetString()!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Equal([], (await LockedAsync()).Where(package => !said.Contains(package)));
        Assert.All(components, component => Assert.NotEmpty(component.GetProperty("hashes").EnumerateArray()));

        // Its package has the text of a licence, and names none.
        Assert.Equal(["Bogus"], components.Where(c => !c.TryGetProperty("licenses", out _))
            .Select(c => c.GetProperty("name").GetString()));
        var fonts = components.ToLookup(c => c.GetProperty("name").GetString());
        var folder = Path.Combine(SourceFiles.Root, "Vigia.Portal/wwwroot/fonts");
        foreach (var font in Directory.GetFiles(folder, "*.woff2"))
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(font, Cancellation)));
            var entry = Assert.Single(fonts[$"fonts/{Path.GetFileName(font)}"]);
            Assert.Equal(hash, entry.GetProperty("hashes")[0].GetProperty("content").GetString());
        }
    }

    private static async Task<List<string>> LockedAsync()
    {
        using var locked = JsonDocument.Parse(await File.ReadAllTextAsync(
            Path.Combine(SourceFiles.Root, "Vigia.Portal/packages.lock.json"), Cancellation));
        var packages = locked.RootElement.GetProperty("dependencies").EnumerateObject().Single().Value
            .EnumerateObject().Where(package => package.Value.GetProperty("type").GetString() != "Project")
            .Select(package => $"pkg:nuget/{package.Name}@{package.Value.GetProperty("resolved").GetString()}")
            .ToList();
        Assert.NotEmpty(packages);
        return packages;
    }
}
