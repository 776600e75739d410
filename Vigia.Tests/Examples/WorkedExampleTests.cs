using System.Diagnostics;
using Vigia.Tests.Architecture;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Examples;

/// <summary>The worked example of docs/extend.md works, and touches few files that exist.</summary>
public sealed class WorkedExampleTests
{
    // The tests of the example itself, and the quick ones of the sweeps that take in a new feature.
    private static readonly string[] Run =
    [
        "Vigia.Tests.Health.*", "Vigia.Tests.Architecture.CitationTests", "Vigia.Tests.Architecture.ComponentTests",
        "Vigia.Tests.Architecture.DependencyTests", "Vigia.Tests.Architecture.FloorTests",
        "Vigia.Tests.Architecture.FolderNameTests", "Vigia.Tests.Architecture.LifetimeTests",
        "Vigia.Tests.Components.FolderTests",
        "Vigia.Tests.Components.Operations.OperationWordsTests", "Vigia.Tests.Foundation.Errors.WordsTests",
        "Vigia.Tests.Foundation.Access.RightsTests", "Vigia.Tests.Operations.KindRightsTests",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Example_TouchesAtMostEightFilesThatExist()
    {
        var example = WorkedExample.Read();

        Assert.InRange(example.Edited.Count, 1, 8);
        Assert.All(example.Edited, path => Assert.True(File.Exists(Path.Combine(SourceFiles.Root, path)), path));
        foreach (var part in new[] { "Page.razor", "OperationDefinition, ", "Rights.cs", "new RecurringJob(" })
        {
            Assert.Contains(example.Changes,
                c => (c.Path + c.Text).Contains(part, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Example_AppliedToACopyOfTheRepository_BuildsAndItsTestsPass()
    {
        using var folder = TestFolder.Create();
        var copy = Path.Combine(folder.Path, "copy");
        CopyTo(copy);
        WorkedExample.Read().ApplyTo(copy);

        await RunAsync(copy,
            "build", "Vigia.Tests/Vigia.Tests.csproj", "-c", "Quick", "-nologo", "-v", "quiet",
            "-p:UseSharedCompilation=true", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false");
        var report = await RunAsync(
            copy,
            ["Vigia.Tests/bin/Quick/net10.0/Vigia.Tests.dll", .. Run.SelectMany(name => new[] { "-class", name })]);

        Assert.Contains("Failed: 0", report, StringComparison.Ordinal);
    }

    private static void CopyTo(string copy)
    {
        foreach (var file in SourceFiles.Of("", "*"))
        {
            var target = Path.Combine(copy, SourceFiles.RelativePath(file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    // The copy starts a PostgreSQL of its own: it changes the password of the portal's role.
    private static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" },
        };
        if (Environment.GetEnvironmentVariable("VIGIA_TEST_POSTGRES") != "testcontainers")
        {
            start.Environment.Remove("VIGIA_TEST_POSTGRES");
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancellation),
            process.StandardError.ReadToEndAsync(Cancellation));
        try
        {
            await process.WaitForExitAsync(Cancellation);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        var text = await output + await errors;
        Assert.True(process.ExitCode == 0, FirstFailure(text));
        return text;
    }

    private static string FirstFailure(string text)
    {
        var from = Math.Max(0, text.IndexOf("[FAIL]", StringComparison.Ordinal) - 200);
        return text.Substring(from, Math.Min(8_000, text.Length - from));
    }
}
