using Microsoft.Net.Http.Headers;
using Vigia.Core.Foundation.Access;

namespace Vigia.Portal.Api;

/// <summary>
/// Answers with success what was committed, even if the answer can't be built: the answer reads much that the change
/// itself does not need. It is built again from the effect of the call. If that fails too, the answer is
/// <see cref="Answer"/>.
/// </summary>
internal sealed partial class DoneCalls(RequestDelegate next, ILogger<DoneCalls> logger)
{
    /// <summary>No content: it was done, and <c>Location</c> says where the result can be read.</summary>
    public static readonly Answer Answer = new(StatusCodes.Status204NoContent, null);

    public static readonly Sends Place = new(Answer.Status, HeaderNames.Location);

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Replayed>() is not { } replayed)
        {
            await next(context);
            return;
        }

        var call = new CallEffect(replayed.Effects);
        context.Features.Set(call);
        var body = context.Response.Body;
        try
        {
            var written = await AnswerAsync(context, call, replayed.Answer);
            context.Response.Body = body;
            await written.CopyToAsync(body, context.RequestAborted);
        }
        finally
        {
            context.Response.Body = body;
        }
    }

    private async Task<Stream> AnswerAsync(HttpContext context, CallEffect call, Replay replay)
    {
        try
        {
            return await CaptureAsync(context, () => next(context));
        }
        catch (Exception e) when (call.Committed is not null && !context.RequestAborted.IsCancellationRequested)
        {
            LogAnswerFailed(logger, e, call.Committed.Action);
        }

        try
        {
            return await CaptureAsync(context, async () =>
            {
                var result = await replay(context, await Caller.BindAsync(context), call.Committed);
                await result.ExecuteAsync(context);
            });
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            LogAnswerFailed(logger, e, call.Committed.Action);
            Forget(context.Response);
            context.Response.StatusCode = Answer.Status;
            context.Response.Headers.Location = call.Committed switch
            {
                { OperationId: { } operation } => ApiUrls.Operation(operation),
                { TenantId: { } tenant } => ApiUrls.Cliente(tenant),
                _ => default,
            };
            return Stream.Null;
        }
    }

    // Nothing is sent before the answer is complete.
    private static async Task<Stream> CaptureAsync(HttpContext context, Func<Task> write)
    {
        var written = new MemoryStream();
        Forget(context.Response);
        context.Response.Body = written;
        await write();
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        written.Position = 0;
        return written;
    }

    private static void Forget(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        (response.ContentType, response.ContentLength) = (null, null);
        (response.Headers.ETag, response.Headers.Location) = (default, default);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The answer to a committed call ({Action}) failed")]
    private static partial void LogAnswerFailed(ILogger logger, Exception exception, string action);
}
