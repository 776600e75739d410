namespace Vigia.Core.Postgres;

/// <summary>Locks between processes on a file (flock on Unix): the operating system gives them back however their holder ends.</summary>
internal static class FileLock
{
    /// <summary>Waits until nobody else holds any lock on the file.</summary>
    /// <exception cref="TimeoutException">Somebody held it all the time.</exception>
    internal static async Task<FileStream> ExclusiveAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
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

    /// <summary>The lock if nobody else holds any, else null.</summary>
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

    /// <summary>A lock that any number of processes hold at once.</summary>
    internal static FileStream Shared(string path)
    {
        using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
        {
        }

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
    }
}
