using Vigia.Core.Postgres;

namespace Vigia.Tests.Infrastructure;

/// <summary>
/// A temporary folder of a test run. A lock file beside it is held open by the run that made it, so that the next run knows which
/// folders were left by one that was killed, and stops the PostgreSQL servers that still run there.
/// </summary>
public sealed class TestFolder : IDisposable
{
    private const string Memory = "/dev/shm";
    private const long EnoughMemory = 8L << 30;

    private static readonly string Root = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "vigia-tests");
    private static readonly string MemoryRoot = System.IO.Path.Combine(Memory, "vigia-tests");

    private readonly FileStream _owner;

    private TestFolder(string path, FileStream owner) => (Path, _owner) = (path, owner);

    /// <summary>Anybody may pass through it, the server's user too.</summary>
    public string Path { get; }

    public static TestFolder Create() => Create(Root);

    /// <summary>In memory where there is enough of it: a test run makes and drops hundreds of databases of some six hundred files each.</summary>
    internal static TestFolder CreateQuick() =>
        Create(Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace >= EnoughMemory ? MemoryRoot : Root);

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

    /// <summary>Stops and removes what dead runs left.</summary>
    internal static async Task SweepAsync(PostgresPrograms programs, ServerUser user, CancellationToken cancellationToken)
    {
        foreach (var file in new[] { Root, MemoryRoot }.Where(Directory.Exists).SelectMany(root => Directory.EnumerateFiles(root, "*.lock")).ToList())
        {
            if (TryTake(file, FileMode.Open) is not { } owner) continue;
            using var left = new TestFolder(System.IO.Path.ChangeExtension(file, null), owner);
            await left.StopServersAsync(programs, user, cancellationToken);
            await SmallDisk.UnmountBelowAsync(left.Path, cancellationToken);
        }
    }

    /// <summary>Stops, at once, every server whose data lies in here.</summary>
    internal async Task StopServersAsync(PostgresPrograms programs, ServerUser user, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path)) return;
        foreach (var file in Directory.EnumerateFiles(Path, "postmaster.pid", SearchOption.AllDirectories).ToList())
            await new PostgresCluster(programs, user, System.IO.Path.GetDirectoryName(file)!).StopAsync(immediate: true, cancellationToken);
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
            // Held by the run that owns it, or swept by another one just now.
            return null;
        }
    }
}
