using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A temporary folder of a test run. The run holds a lock file beside it open. From this the next run knows which
/// folders a killed run left behind, and stops the PostgreSQL servers that still run there.
/// </summary>
public sealed class TestFolder : IDisposable
{
    private const string Memory = "/dev/shm";
    private const long EnoughMemory = 8L << 30;

    private static readonly string Root = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "vigia-tests");
    private static readonly string MemoryRoot = System.IO.Path.Combine(Memory, "vigia-tests");

    private readonly FileStream _owner;

    private TestFolder(string path, FileStream owner) => (Path, _owner) = (path, owner);

    /// <summary>Every user may pass through this folder, also the user of the server.</summary>
    public string Path { get; }

    public static TestFolder Create() => Create(Root);

    /// <summary>
    /// Creates the folder in memory if there is enough of it: a test run creates and drops hundreds of databases of
    /// about six hundred files each.
    /// </summary>
    internal static TestFolder CreateQuick() =>
        Create(Directory.Exists(Memory)
            && new DriveInfo(Memory).AvailableFreeSpace >= EnoughMemory ? MemoryRoot : Root);

    private static TestFolder Create(string root)
    {
        Directory.CreateDirectory(root);
        while (true)
        {
            var path = System.IO.Path.Combine(root, Guid.NewGuid().ToString("n")[..12]);
            if (TryTake(path + ".lock", FileMode.CreateNew) is not { } owner) continue;
            Directory.CreateDirectory(path);
            return new TestFolder(path, owner);
        }
    }

    /// <summary>Stops the servers and removes the folders of dead runs.</summary>
    internal static async Task SweepAsync(
        PostgresPrograms programs, ServerUser user, CancellationToken cancellationToken)
    {
        foreach (var file in new[] { Root, MemoryRoot }.Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateFiles(root, "*.lock")).ToList())
        {
            if (TryTake(file, FileMode.Open) is not { } owner) continue;
            using var left = new TestFolder(System.IO.Path.ChangeExtension(file, null), owner);
            await left.StopServersAsync(programs, user, cancellationToken);
            await SmallDisk.UnmountBelowAsync(left.Path, cancellationToken);
        }
    }

    /// <summary>Stops every server whose data is in this folder, without waiting for its sessions to end.</summary>
    internal async Task StopServersAsync(
        PostgresPrograms programs, ServerUser user, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path)) return;
        foreach (var file in Directory.EnumerateFiles(Path, "postmaster.pid", SearchOption.AllDirectories).ToList())
            await new PostgresCluster(programs, user, System.IO.Path.GetDirectoryName(file)!)
                .StopAsync(immediate: true, cancellationToken);
    }

    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        File.Delete(Path + ".lock");
        _owner.Dispose();
    }

    private static FileStream? TryTake(string file, FileMode mode)
    {
        try
        {
            return new FileStream(file, mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            // The run that owns the folder holds the lock, or another run has just removed it.
            return null;
        }
    }
}
