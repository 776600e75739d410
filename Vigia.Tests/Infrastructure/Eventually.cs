using System.Diagnostics;

namespace Vigia.Tests.Infrastructure;

/// <summary>Waits for a condition instead of sleeping for a time.</summary>
public static class Eventually
{
    /// <summary>Asks every 25 ms until <paramref name="conditionAsync"/> holds; fails after <paramref name="within"/> (default 30 s) saying what was waited for.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> conditionAsync, CancellationToken cancellationToken, TimeSpan? within = null)
    {
        var deadline = within ?? TimeSpan.FromSeconds(30);
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await conditionAsync())
        {
            Assert.True(watch.Elapsed < deadline, $"Waited {deadline} in vain: {what}");
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
