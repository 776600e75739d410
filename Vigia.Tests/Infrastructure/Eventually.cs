using System.Diagnostics;

namespace Vigia.Tests.Infrastructure;

/// <summary>Waits for a condition instead of sleeping for a time.</summary>
public static class Eventually
{
    /// <summary>
    /// Evaluates <paramref name="conditionAsync"/> every 25 ms, or as often as <paramref name="every"/> says, until it
    /// holds. Fails after <paramref name="within"/> (default 60 s). The message names the condition and adds the text
    /// of <paramref name="seen"/>.
    /// </summary>
    public static async Task HoldsAsync(
        string what, Func<Task<bool>> conditionAsync, CancellationToken cancellationToken, TimeSpan? within = null,
        Func<string>? seen = null,
        TimeSpan? every = null)
    {
        var deadline = within ?? TimeSpan.FromSeconds(60);
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(every ?? TimeSpan.FromMilliseconds(25));
        while (!await conditionAsync())
        {
            Assert.True(watch.Elapsed < deadline, $"Waited {deadline} in vain: {what} {seen?.Invoke()}");
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
