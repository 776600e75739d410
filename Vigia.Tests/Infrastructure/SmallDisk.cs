using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A disk of a few megabytes over a folder, which a test can fill. Mounting needs privileges, so such tests have the
/// trait <c>needs=mount</c>.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Ballast => Path.Combine(_folder, "ballast");

    /// <summary>
    /// Moves the content of the folder to a disk of this size in MiB, with its owners and permissions.
    /// </summary>
    internal static async Task<SmallDisk> MountAsync(string folder, int mebibytes, CancellationToken cancellationToken)
    {
        var aside = folder + ".aside";
        await RunAsync("cp", ["-a", folder, aside], cancellationToken);
        await RunAsync("mount", ["-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", folder], cancellationToken);
        await RunAsync("cp", ["-a", aside + "/.", folder], cancellationToken);
        return new SmallDisk(folder);
    }

    /// <summary>Unmounts everything below a folder that a killed run left mounted.</summary>
    internal static async Task UnmountBelowAsync(string folder, CancellationToken cancellationToken)
    {
        foreach (var mounted in (await File.ReadAllLinesAsync("/proc/mounts", cancellationToken))
            .Select(line => line.Split(' ')[1]).Where(m => m.StartsWith(folder + "/", StringComparison.Ordinal)))
        {
            await RunAsync("umount", ["-l", mounted], cancellationToken);
        }
    }

    internal void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(page);
            }
        }
        catch (IOException)
        {
            // The disk is full, as intended.
            return;
        }
    }

    internal void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync() => await RunAsync("umount", ["-l", _folder], CancellationToken.None);

    private static async Task RunAsync(
        string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await ServerUser.Current.RunAsync(program, arguments, cancellationToken);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.LastLine}");
    }
}
