using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using Vigia.Core.Api;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;
using Vigia.Portal.Components.Access;

namespace Vigia.Portal.Api;

/// <summary>
/// The same key and request get the same answer for 24 hours, even if the connection was lost. A request with a key
/// continues after the caller has disconnected, so a repeated request returns its result.
/// </summary>
internal sealed class Idempotency(RequestDelegate next, IdempotentRequests requests, MasterIdentity identity)
{
    public const string Header = "Idempotency-Key";

    private const int LongestKey = 200;

    public async Task InvokeAsync(HttpContext context)
    {
        var heeds = context.GetEndpoint()?.Metadata.GetOrderedMetadata<Heeds>().Any(h => h.Header == Header) == true;
        if (!heeds || context.Request.Headers[Header] is not { Count: > 0 } given
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
            staff, key, await DescribeAsync(context.Request, actor, aborted), aborted);
        switch (check.Outcome)
        {
            case IdempotencyOutcome.Started:
                context.RequestAborted = CancellationToken.None;
                await WorkAsync(context, staff, key, check.StartedAt);
                return;
            case IdempotencyOutcome.Answered:
                await KeptAnswer.Read(check.Answer!).WriteAsync(context.Response, check.Status!.Value, aborted);
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

    private async Task WorkAsync(HttpContext context, Guid staff, string key, DateTimeOffset startedAt)
    {
        var (response, body) = (context.Response, context.Response.Body);
        using var written = new MemoryStream();
        response.Body = written;
        try
        {
            await AnswerAsync(context);
        }
        catch
        {
            await requests.ForgetAsync(staff, key, startedAt, CancellationToken.None);
            throw;
        }
        finally
        {
            response.Body = body;
        }

        var answer = new KeptAnswer(
            response.ContentType, response.Headers.Location, response.Headers.ETag, written.ToArray());
        await requests.EndAsync(staff, key, startedAt, response.StatusCode, answer.ToBytes(), CancellationToken.None);
        await body.WriteAsync(answer.Body);
    }

    // A refusal is stored like any other answer. A server error or a 429 is not stored, so that the caller can try
    // again.
    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (
            Problem.Of(e) is { Status: < 500 and not StatusCodes.Status429TooManyRequests } problem)
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
            string.Join(',', Rights.All.Where(actor.May)), request.Headers.IfMatch.ToString(), body);
    }

    private sealed record KeptAnswer(string? ContentType, string? Location, string? ETag, byte[] Body)
    {
        public static KeptAnswer Read(byte[] bytes) => JsonSerializer.Deserialize<KeptAnswer>(bytes)!;

        public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

        public async Task WriteAsync(HttpResponse response, int status, CancellationToken cancellationToken)
        {
            response.StatusCode = status;
            response.ContentType = ContentType;
            response.Headers.Location = Location;
            response.Headers.ETag = ETag;
            response.Headers["Idempotency-Replayed"] = "true";
            await response.Body.WriteAsync(Body, cancellationToken);
        }
    }
}
