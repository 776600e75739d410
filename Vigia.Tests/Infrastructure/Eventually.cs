using System.Diagnostics;

namespace Vigia.Tests.Infrastructure;

/// <summary>Waits for a condition instead of sleeping for a time.</summary>
public static class Eventually
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Evaluates <paramref name="conditionAsync"/> until it holds: after 25 ms, then less and less often, up to every
    /// 200 ms, because many conditions open a connection. <paramref name="every"/> asks for one interval instead.
    /// Fails after <paramref name="within"/> (default 60 s). The message names the condition and adds the text of
    /// <paramref name="seen"/>.
    /// </summary>
    public static async Task HoldsAsync(
        string what, Func<Task<bool>> conditionAsync, CancellationToken cancellationToken, TimeSpan? within = null,
        Func<string>? seen = null,
        TimeSpan? every = null)
    {
        var deadline = within ?? TimeSpan.FromSeconds(60);
        var watch = Stopwatch.StartNew();
        var pause = every ?? First;
        while (!await conditionAsync())
        {
            Assert.True(watch.Elapsed < deadline, $"Waited {deadline} in vain: {what} {seen?.Invoke()}");
            await Task.Delay(pause, cancellationToken);
            pause = every ?? TimeSpan.FromTicks(Math.Min(pause.Ticks * 3 / 2, Longest.Ticks));
        }
    }
}
