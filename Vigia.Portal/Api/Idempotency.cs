using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Vigia.Core.Api;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Api;

/// <summary>
/// The same key and request get the same answer for 24 hours, even if the connection was lost or the process died. A
/// request with a key continues after the caller has disconnected, so a repeated request returns its result.
/// </summary>
internal sealed partial class Idempotency(
    RequestDelegate next, IdempotentRequests requests, MasterIdentity identity, ILogger<Idempotency> logger)
{
    public const string Header = "Idempotency-Key";

    private const int LongestKey = 200;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Replayed>() is not { } replayed
            || context.Request.Headers[Header] is not { Count: > 0 } given
            || context.User.Identity is not ApiIdentity { Who: { StaffId: { } staff } actor }
            || identity.ReadOnly is not null)
        {
            await next(context);
            return;
        }

        var key = given.ToString();
        if (key.Length is 0 or > LongestKey || !key.All(c => c is > ' ' and <= '~'))
        {
            throw new InvalidInputException(Header, new Message("idempotency_key_invalid", $"{LongestKey}"));
        }

        var aborted = context.RequestAborted;
        var check = await requests.BeginAsync(
            staff, key, await DescribeAsync(context.Request, actor, aborted), CultureInfo.CurrentUICulture.Name,
            aborted);
        var request = new RequestKey(staff, key, check.Attempt, replayed.Effects);
        switch (check.Outcome)
        {
            case IdempotencyOutcome.Started:
                context.RequestAborted = CancellationToken.None;
                context.Features.Set(request);
                await (await WorkAsync(context, request, replayed.Answer)).WriteAsync(
                    context.Response, isReplayed: false, aborted);
                return;
            case IdempotencyOutcome.Answered:
                await KeptAnswer.Read(check.Answer!).WriteAsync(context.Response, isReplayed: true, aborted);
                return;
            case IdempotencyOutcome.Done:
                context.Features.GetRequiredFeature<CallEffect>().Committed = check.Effect;
                var culture = CultureInfo.GetCultureInfo(check.Language!);
                (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, culture);
                context.Response.Headers.ContentLanguage = culture.Name;
                var rebuilt = await CaptureAsync(
                    context, request, () => ReplayAsync(context, replayed.Answer, check.Effect!));
                await rebuilt.WriteAsync(context.Response, isReplayed: true, aborted);
                return;
            case IdempotencyOutcome.InProgress:
                throw new ApiRefusal(
                    StatusCodes.Status409Conflict,
                    new Message("request_in_progress"))
                { RetryAfter = TimeSpan.FromSeconds(1) };
            default:
                throw new ApiRefusal(StatusCodes.Status422UnprocessableEntity, new Message("idempotency_key_reused"));
        }
    }

    private async Task<KeptAnswer> WorkAsync(HttpContext context, RequestKey request, Replay replay)
    {
        using var end = new CancellationTokenSource();
        var keeping = requests.KeepAsync(request.StaffId, request.Key, request.Attempt, end.Token);
        try
        {
            return await CaptureAsync(context, request, () => AnswerAsync(context));
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            if (await requests.ForgetAsync(request.StaffId, request.Key, request.Attempt, CancellationToken.None)
                is not { } effect)
            {
                throw;
            }

            // The request is done. Only its answer failed, and is now built like that of a repeated request.
            LogAnswerFailed(logger, e, effect.Action);
            return await CaptureAsync(context, request, () => ReplayAsync(context, replay, effect));
        }
        finally
        {
            await end.CancelAsync();
            await keeping;
        }
    }

    // Stores what is written, and returns what is stored: two attempts to answer give the same answer. A secret that is
    // shown once is left out of what is stored.
    private async Task<KeptAnswer> CaptureAsync(HttpContext context, RequestKey request, Func<Task> write)
    {
        var (response, body) = (context.Response, context.Response.Body);
        using var written = new MemoryStream();
        response.Body = written;
        try
        {
            await write();
        }
        finally
        {
            response.Body = body;
        }

        var answer = new KeptAnswer(response.StatusCode, response.ContentType, response.Headers.Location,
            response.Headers.ETag, response.Headers.ContentLanguage, written.ToArray());
        var kept = (context.Features.Get<AnswerToKeep>() is { } without && response.StatusCode < 300
            ? answer with { Body = without.Body } : answer).ToStored();
        var stored = await requests.EndAsync(
            request.StaffId, request.Key, request.Attempt, kept, CancellationToken.None);
        return ReferenceEquals(stored, kept) ? answer : KeptAnswer.Read(stored);
    }

    private static async Task ReplayAsync(HttpContext context, Replay replay, RequestEffect effect)
    {
        var result = await replay(context, await Caller.BindAsync(context), effect);
        await result.ExecuteAsync(context);
    }

    // A refusal is stored like any other answer. A server error or a 429 is not stored, so that the caller can try
    // again. After the COMMIT there is nothing left to refuse.
    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.Features.Get<CallEffect>()?.Committed is null
            && Problem.Of(e) is { Status: < 500 and not StatusCodes.Status429TooManyRequests } problem)
        {
            await problem.WriteAsync(context, CancellationToken.None);
        }
    }

    // The rights are part of the description: a token with fewer rights must not get an answer that was made for one
    // with more.
    private static async Task<string> DescribeAsync(
        HttpRequest request, Actor actor, CancellationToken cancellationToken)
    {
        request.EnableBuffering();
        using var reader = new StreamReader(request.Body, Encoding.Latin1, leaveOpen: true);
        var body = await reader.ReadToEndAsync(cancellationToken);
        request.Body.Position = 0;
        return string.Join('\n', request.Method, request.GetEncodedPathAndQuery(),
            string.Join(',', Rights.All.Where(actor.May)), request.Headers.IfMatch.ToString(),
            request.Headers.IfNoneMatch.ToString(), body);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The answer to a committed request ({Action}) failed")]
    private static partial void LogAnswerFailed(ILogger logger, Exception exception, string action);

    private sealed record KeptAnswer(
        int Status, string? ContentType, string? Location, string? ETag, string? Language, byte[] Body)
    {
        public static KeptAnswer Read(StoredAnswer stored) =>
            JsonSerializer.Deserialize<KeptAnswer>(stored.Content)! with { Status = stored.Status };

        public StoredAnswer ToStored() => new(Status, JsonSerializer.SerializeToUtf8Bytes(this));

        public async Task WriteAsync(HttpResponse response, bool isReplayed, CancellationToken cancellationToken)
        {
            response.StatusCode = Status;
            response.ContentType = ContentType;
            response.Headers.Location = Location;
            response.Headers.ETag = ETag;
            response.Headers.ContentLanguage = Language;
            if (isReplayed)
            {
                response.Headers["Idempotency-Replayed"] = "true";
            }

            await response.Body.WriteAsync(Body, cancellationToken);
        }
    }
}
