using System.Runtime.ExceptionServices;

namespace Vigia.Core.Operations;

/// <summary>Recurring work on several things: when one fails, the others are still done.</summary>
internal static class OneByOne
{
    /// <summary>
    /// Runs the action for all things, then throws the first error. A transient error ends the run at once, because the
    /// step is then tried again.
    /// </summary>
    public static async Task RunAsync<T>(IReadOnlyList<T> things, Func<T, Task> runAsync)
    {
        ExceptionDispatchInfo? first = null;
        foreach (var thing in things)
        {
            try
            {
                await runAsync(thing);
            }
            catch (Exception e) when (
                e is not (OperationLostException or OperationCanceledException) && !FailurePolicy.IsTransient(e))
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        first?.Throw();
    }
}
