using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;
using Vigia.Core.TenantSide;
using Vigia.Portal.Api.TenantSide;

namespace Vigia.Portal.Api;

/// <summary>An error as RFC 9457 problem+json.</summary>
internal sealed record Problem(int Status, Message Reason)
{
    public const string ContentType = "application/problem+json";

    public IReadOnlyDictionary<string, IReadOnlyList<Message>>? Errors { get; init; }

    /// <summary>The current values of a tenant's fields, when another person changed them meanwhile.</summary>
    public IReadOnlyDictionary<string, object?>? Fields { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The sentence for the users of tenants, where that for staff would tell them nothing.</summary>
    public Message? Sentence { get; init; }

    /// <summary>Whether this is an error of the portal, which is logged.</summary>
    public bool IsBroken => Status == StatusCodes.Status500InternalServerError;

    /// <summary>The problem for an exception.</summary>
    public static Problem Of(Exception exception) => exception switch
    {
        ApiRefusal refusal => new Problem(refusal.Status, refusal.Reason) { RetryAfter = refusal.RetryAfter },
        InvalidInputException invalid =>
            new Problem(StatusCodes.Status422UnprocessableEntity, ReasonOf(invalid)) { Errors = invalid.Errors },
        ChangedMeanwhileException changed =>
            new Problem(StatusCodes.Status409Conflict, changed.Reason) { Fields = changed.Fields },
        TooManyTriesException tries => new Problem(
            StatusCodes.Status429TooManyRequests, new Message("too_many_requests"))
        {
            RetryAfter = tries.Wait,
        },
        AlreadyRunningException running => new Problem(StatusCodes.Status429TooManyRequests, running.Reason)
        {
            RetryAfter = AlreadyRunningException.RetryAfter,
        },
        TenantRefusedException refused => TenantProblems.Of(refused),
        RuleException rule => new Problem(StatusOf(rule), rule.Reason),
        _ when LimitReached.TryDescribe(exception, out var full) => new Problem(StatusCodes.Status409Conflict, full),
        BadHttpRequestException bad => OfStatus(bad.StatusCode),
        _ when TransientFailures.IsServerUnavailable(exception) =>
            new Problem(StatusCodes.Status503ServiceUnavailable,
                new Message("unavailable"))
            { RetryAfter = TimeSpan.FromSeconds(5) },
        _ => new Problem(StatusCodes.Status500InternalServerError, new Message("unexpected_error")),
    };

    /// <summary>The problem for a status without an exception.</summary>
    public static Problem OfStatus(int status) => new(status, status switch
    {
        StatusCodes.Status401Unauthorized => new Message("not_authenticated"),
        StatusCodes.Status403Forbidden => new Message("forbidden"),
        StatusCodes.Status404NotFound => new Message("not_found"),
        StatusCodes.Status405MethodNotAllowed => new Message("method_not_allowed"),
        StatusCodes.Status413PayloadTooLarge => new Message("payload_too_large"),
        StatusCodes.Status415UnsupportedMediaType => new Message("unsupported_media_type"),
        >= 500 => new Message("unexpected_error"),
        _ => new Message("bad_request"),
    });

    public Task WriteAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.ContentType = ContentType;
        if (Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
        {
            response.Headers.WWWAuthenticate = BearerTokens.Challenge;
        }

        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))
                .ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return JsonSerializer.SerializeAsync(response.Body, Body(), ApiJson.Options, cancellationToken);
    }

    // traceId is a common extension of RFC 9457 and keeps its usual spelling.
    private Dictionary<string, object?> Body()
    {
        var body = new Dictionary<string, object?>
        {
            ["type"] = "about:blank",
            ["title"] = ReasonPhrases.GetReasonPhrase(Status),
            ["status"] = Status,
            ["code"] = Reason.Code,
            ["traceId"] = Activity.Current?.TraceId.ToHexString(),
        };
        if (IsBroken)
        {
            return body;
        }

        var sentence = Sentence ?? Reason;
        body["detail"] = sentence.Render();
        Add("advice", sentence.RenderAdvice());
        Add("fields", Fields);
        Add("errors", Errors?.ToDictionary(e => e.Key, e => e.Value.Select(m => m.Render())));
        Add("error_codes", Errors?.ToDictionary(e => e.Key, e => e.Value.Select(m => m.Code)));
        return body;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }
    }

    // A wrong confirmation has a code of its own, so that callers need not search for it among the fields.
    private static Message ReasonOf(InvalidInputException invalid) =>
        invalid.Errors.SelectMany(e => e.Value).FirstOrDefault(m => m.Code is "confirmation_wrong")
            ?? new Message("invalid_input");

    private static int StatusOf(RuleException rule) => rule switch
    {
        NotSignedInException or ForbiddenException { Right: "signed_in" } => StatusCodes.Status401Unauthorized,
        ForbiddenException => StatusCodes.Status403Forbidden,
        { Reason.Code: "not_in_trash" } => StatusCodes.Status409Conflict,
        NotFoundException => StatusCodes.Status404NotFound,
        { Reason.Code: "password_wrong" or "second_factor_required" } => StatusCodes.Status403Forbidden,
        { Reason.Code: "invitation_gone" } => StatusCodes.Status410Gone,
        { Reason.Code: "role_beyond_own" or "connection_inactive" } => StatusCodes.Status403Forbidden,
        { Reason.Code: "version_differs" } => StatusCodes.Status412PreconditionFailed,
        _ => StatusCodes.Status409Conflict,
    };
}
