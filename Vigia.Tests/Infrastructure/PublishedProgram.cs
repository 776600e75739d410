using System.Diagnostics;
using Vigia.Tests.Architecture;

namespace Vigia.Tests.Infrastructure;

/// <summary>The portal as users run it: published, with its files compressed.</summary>
public static class PublishedProgram
{
    /// <summary>
    /// Returns the file of the published program that <c>VIGIA_TEST_PORTAL</c> names. Without it, publishes what was
    /// built into a folder.
    /// </summary>
    public static async Task<string> PublishAsync(string folder, CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable("VIGIA_TEST_PORTAL") is { } published)
        {
            return published;
        }

        // …/bin/Quick/net10.0/Vigia.Portal.dll
        var configuration = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(PortalProcess.Program)))!;
        var start = new ProcessStartInfo(
            "dotnet",
            ["publish", Path.Combine(SourceFiles.Root, "Vigia.Portal"), "--no-build", "-c", configuration, "-o", folder,
                "-nologo", "-v", "quiet", "-p:PublishReadyToRun=false", "-nodeReuse:false"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" },
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken),
            process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"{await output}\n{await errors}");
        return Path.Combine(folder, "Vigia.Portal.dll");
    }
}
