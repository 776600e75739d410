using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.Tokens;
using Vigia.Portal.Components.Transport;

namespace Vigia.Portal.Api;

/// <summary>
/// One operation as server-sent events: first its current state, then each change until it has ended. A comment every
/// few seconds keeps proxies from closing the connection. The token is checked again at the same time, so that a stream
/// ends when its right does.
/// </summary>
internal static class OperationEvents
{
    public const string ContentType = "text/event-stream";

    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(10);

    public static async Task StreamAsync(
        Caller caller, Guid id, HttpContext context, ChangeFeed feed, OperationService operations,
        CancellationToken cancellationToken)
    {
        using var lease = context.RequestServices.GetRequiredService<ApiLimits>().OpenStream(caller.Actor);
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        using var changes = feed.Subscribe(ChangeTopic.Operations);
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
            // The portal stops. The connection ends, and the caller reconnects to another instance.
        }
    }

    private static bool IsOver(Operation operation) =>
        operation.State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled;

    private static async Task<Actor?> ActorNowAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var tokens = context.RequestServices.GetRequiredService<ApiTokenAuthentication>();
        var actor = await tokens.AuthenticateAsync(
            BearerTokens.TokenOf(context.Request), context.Connection.RemoteIpAddress?.ToString(), cancellationToken);
        return actor?.May(Rights.OperationsView) == true ? actor : null;
    }

    // An event that equals the previous one is not sent.
    private static async Task<string> SendAsync(
        HttpResponse response, Operation operation, string? last, CancellationToken cancellationToken)
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
