namespace Vigia.Core.Postgres;

/// <summary>
/// Locks a file between processes (flock on Unix). The operating system releases a lock when its process ends, however
/// it ends.
/// </summary>
internal static class FileLock
{
    /// <summary>Waits until no other process holds a lock on the file, then locks it exclusively.</summary>
    /// <exception cref="TimeoutException">Another process held a lock during the whole wait.</exception>
    internal static async Task<FileStream> ExclusiveAsync(
        string path, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (true)
            {
                if (TryExclusive(path) is { } held) return held;
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{path} is held by another process.");
        }
    }

    /// <summary>Takes the exclusive lock. Returns null when another process holds any lock.</summary>
    internal static FileStream? TryExclusive(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <summary>Takes a shared lock, which several processes can hold at once.</summary>
    internal static FileStream Shared(string path)
    {
        using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
        {
        }

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    }
}
