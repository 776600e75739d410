namespace Vigia.Tests.Infrastructure;

/// <summary>
/// Temporary folders of a test run. A lock file beside each is held open by the run that made it, so that the next run knows which
/// folders were left by one that was killed, and stops the server that still runs there.
/// </summary>
internal sealed class TestFolders
{
    private static readonly string Root = Path.Combine(Path.GetTempPath(), "vigia-tests");

    internal static (string Folder, FileStream Owner) Create()
    {
        Directory.CreateDirectory(Root);
        while (true)
        {
            var folder = Path.Combine(Root, Guid.NewGuid().ToString("n")[..12]);
            try
            {
                var owner = new FileStream(folder + ".lock", FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
                Directory.CreateDirectory(folder);
                return (folder, owner);
            }
            catch (IOException) when (!Directory.Exists(folder))
            {
                // Another run swept the lock file before we held it: take another name.
                continue;
            }
        }
    }

    internal static void Remove(string folder, FileStream owner)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        File.Delete(folder + ".lock");
        owner.Dispose();
    }

    /// <summary>Takes over and removes what dead runs left; <paramref name="stopAsync"/> gets each folder first.</summary>
    internal static async Task SweepAsync(Func<string, Task> stopAsync)
    {
        if (!Directory.Exists(Root)) return;
        foreach (var file in Directory.EnumerateFiles(Root, "*.lock"))
        {
            if (TryTake(file) is not { } owner) continue;
            var folder = Path.ChangeExtension(file, null);
            if (Directory.Exists(folder)) await stopAsync(folder);
            Remove(folder, owner);
        }
    }

    private static FileStream? TryTake(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
