using Microsoft.AspNetCore.Components;
using Npgsql;
using Vigia.Core.Feed;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A component that follows the master: it subscribes, reads its snapshot, and reads again what changes. Its loops end, and are waited
/// for, when it goes. A database that is away for a moment leaves on the page what was there; what breaks otherwise goes to the boundary.
/// </summary>
public abstract class LiveComponent : EndingComponent, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly List<Task> _loops = [];

    [Inject]
    private ChangeFeed Feed { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await Task.WhenAll(_loops);
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls <paramref name="onChange"/> on the circuit and draws, at most ten times a second. Subscribe before reading the snapshot.</summary>
    protected void Watch(ChangeTopic topic, Func<ChangeSet, Task> onChange) => _loops.Add(FollowAsync(Feed.Subscribe(topic), onChange));

    private async Task FollowAsync(ChangeSubscription subscription, Func<ChangeSet, Task> onChange)
    {
        using var _ = subscription;
        try
        {
            while (true)
            {
                var changes = await subscription.ReadAsync(Ending);
                while (!await TryShowAsync(changes, onChange))
                {
                    // What changed meanwhile is unknown.
                    changes = changes with { Everything = true };
                    await Task.Delay(Pause, Clock, Ending);
                }
            }
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task<bool> TryShowAsync(ChangeSet changes, Func<ChangeSet, Task> onChange)
    {
        try
        {
            await InvokeAsync(async () =>
            {
                await onChange(changes);
                StateHasChanged();
            });
            return true;
        }
        catch (Exception exception) when (IsAway(exception))
        {
            return false;
        }
    }

    private static bool IsAway(Exception exception) =>
        exception is NpgsqlException { IsTransient: true } || exception.InnerException is NpgsqlException { IsTransient: true };
}
