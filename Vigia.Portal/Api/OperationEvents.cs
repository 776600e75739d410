using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;

namespace Vigia.Portal.Api;

/// <summary>
/// The life of one operation as server-sent events: first as it is, then each change, until it has ended. A comment every few seconds keeps proxies
/// from cutting the line, and with it the token is asked about again: a stream outlives no right.
/// </summary>
internal static class OperationEvents
{
    public const string ContentType = "text/event-stream";

    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(10);

    public static async Task StreamAsync(
        Caller caller, Guid id, HttpContext context, ChangeFeed feed, OperationService operations, CancellationToken cancellationToken)
    {
        using var lease = context.RequestServices.GetRequiredService<ApiLimits>().OpenStream(caller.Actor);
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        using var changes = feed.Subscribe(ChangeTopic.Operations);
        var operation = await operations.GetAsync(caller.Actor, id, either.Token);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = ContentType;
        context.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            var last = await SendAsync(context.Response, operation, null, either.Token);
            while (!IsOver(operation))
            {
                var change = await changes.ReadAsync(HeartBeat, either.Token);
                if (await ActorNowAsync(context, either.Token) is not { } actor)
                {
                    return;
                }

                if (change.Concerns(id))
                {
                    operation = await operations.GetAsync(actor, id, either.Token);
                    last = await SendAsync(context.Response, operation, last, either.Token);
                }
                else if (!change.Everything && change.Ids.Count == 0)
                {
                    await WriteAsync(context.Response, ": \n\n", either.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The portal stops: the line ends, and the caller asks again elsewhere.
        }
    }

    private static bool IsOver(Operation operation) => operation.State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled;

    private static async Task<Actor?> ActorNowAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var tokens = context.RequestServices.GetRequiredService<ApiTokenAuthentication>();
        var actor = await tokens.AuthenticateAsync(BearerTokens.TokenOf(context.Request), context.Connection.RemoteIpAddress?.ToString(), cancellationToken);
        return actor?.May(Rights.OperationsView) == true ? actor : null;
    }

    // The same twice is no change.
    private static async Task<string> SendAsync(HttpResponse response, Operation operation, string? last, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(OperationAnswer.Of(operation), ApiJson.Options);
        if (json != last)
        {
            await WriteAsync(response, $"event: operation\ndata: {json}\n\n", cancellationToken);
        }

        return json;
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
