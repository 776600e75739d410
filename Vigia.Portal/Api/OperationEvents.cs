using Microsoft.AspNetCore.Http.Features;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Api;

/// <summary>
/// One operation as server-sent events: first its current state, then each change until it has ended. After ten seconds
/// without a byte a comment is sent, whatever other operations do, because proxies close silent connections. The token
/// is checked again as often, and at once when its account changes, so that a stream ends when its right does. A master
/// that is away for a moment does not end a stream.
/// </summary>
internal static class OperationEvents
{
    public const string ContentType = "text/event-stream";

    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    public static async Task StreamAsync(
        Caller caller, Guid id, HttpContext context, ChangeFeed feed, OperationService operations,
        CancellationToken cancellationToken)
    {
        using var lease = context.RequestServices.GetRequiredService<ApiLimits>().OpenStream(caller.Actor);
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        var (one, account) = ($"{id}", $"{caller.Actor.Id}");
        using var changes = feed.Subscribe(new ChangeInterest(ChangeTopic.Operations, ChangeTopic.Staff)
        {
            Urgency = change => change.Id == (change.Topic == ChangeTopic.Operations ? one : account)
                || change is { Topic: ChangeTopic.Staff, Id: "" } ? ChangeUrgency.Now : ChangeUrgency.Never,
        });
        var operation = await operations.GetAsync(caller.Actor, id, either.Token);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = ContentType;
        context.Response.Headers["X-Accel-Buffering"] = "no";
        if (HeadRequests.IsHead(context))
        {
            return;
        }

        try
        {
            var stream = new EventStream(context.Response, context.RequestServices.GetRequiredService<TimeProvider>());
            await stream.SendAsync(operation, either.Token);
            await FollowAsync(stream, changes, operation, context, caller.Actor, operations, either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The portal stops. The connection ends, and the caller reconnects to another instance.
        }
    }

    private static async Task FollowAsync(
        EventStream stream, ChangeSubscription changes, Operation operation, HttpContext context, Actor actor,
        OperationService operations, CancellationToken cancellationToken)
    {
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var (checkedAt, isStale, isUnchecked) = (time.GetTimestamp(), false, false);
        while (!IsOver(operation))
        {
            var due = Least(
                HeartBeat - stream.Silence,
                isStale || isUnchecked ? Retry : HeartBeat - time.GetElapsedTime(checkedAt));
            var changed = await changes.ReadAsync(due, cancellationToken);
            isStale |= changed.Concerns(ChangeTopic.Operations);
            isUnchecked |= changed.Concerns(ChangeTopic.Staff) || time.GetElapsedTime(checkedAt) >= HeartBeat;
            try
            {
                // Nothing is sent to a token that could not be checked.
                if (isUnchecked)
                {
                    var now = await ReadWithHeartBeatsAsync(
                        stream, until => ActorNowAsync(context, until), time, cancellationToken);
                    if (now is null)
                    {
                        return;
                    }

                    (actor, checkedAt, isUnchecked) = (now, time.GetTimestamp(), false);
                }

                if (isStale)
                {
                    operation = await ReadWithHeartBeatsAsync(
                        stream, until => operations.GetAsync(actor, operation.Id, until), time, cancellationToken);
                    isStale = false;
                    await stream.SendAsync(operation, cancellationToken);
                }
            }
            catch (Exception exception) when (TransientFailures.IsServerUnavailable(exception))
            {
                // Read again soon. The caller sees a silent stream, not its end. Reading waits for the next round.
                isStale = true;
            }

            if (stream.Silence >= HeartBeat)
            {
                await stream.SendHeartBeatAsync(cancellationToken);
            }
        }
    }

    // A slow master, too, leaves the stream silent for no longer than a proxy waits.
    private static async Task<TAnswer> ReadWithHeartBeatsAsync<TAnswer>(
        EventStream stream, Func<CancellationToken, Task<TAnswer>> read, TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = read(ending.Token);
        try
        {
            while (await Task.WhenAny(
                reading, Task.Delay(Least(HeartBeat - stream.Silence, HeartBeat), time, ending.Token)) != reading)
            {
                await stream.SendHeartBeatAsync(cancellationToken);
            }

            return await reading;
        }
        finally
        {
            // The read ends when its caller has gone.
            await ending.CancelAsync();
            await Task.WhenAny(reading);
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) =>
        (one < other ? one : other) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;

    private static bool IsOver(Operation operation) =>
        operation.State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled;

    private static async Task<Actor?> ActorNowAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var actor = await BearerTokens.ActorOfAsync(context, cancellationToken);
        return actor?.May(Rights.OperationsView) == true ? actor : null;
    }
}
