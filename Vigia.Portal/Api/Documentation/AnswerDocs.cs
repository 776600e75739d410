using System.Globalization;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using Vigia.Portal.Api.TenantSide;

namespace Vigia.Portal.Api.Documentation;

/// <summary>
/// Documents the answers of a call: success, its own refusals, and the refusals that every call may return.
/// </summary>
internal sealed class AnswerDocs(ApiWords words, Schemas schemas)
{
    private const string Json = "application/json";

    /// <summary>
    /// The refusals that every call may return. Those about bodies and tokens are listed only for calls that take them.
    /// </summary>
    public static readonly IReadOnlyList<Refusals> OfEveryCall =
    [
        new(400, ["bad_request", "body_required", "body_not_object", "json_invalid", "text_lone_surrogate"]),
        new(401, ["not_authenticated"]), new(403, ["forbidden"]), new(413, ["payload_too_large"]),
        new(415, ["unsupported_media_type"]), new(429, ["too_many_requests"]), new(500, ["unexpected_error"]),
        new(503, ["unavailable"]),
    ];

    public OpenApiResponses Of(IList<object> metadata)
    {
        var responses = new OpenApiResponses();
        foreach (var answer in metadata.OfType<Answer>().OrderBy(a => a.Status))
        {
            responses[Key(answer.Status)] =
                Done(answer, [.. metadata.OfType<Sends>().Where(s => s.Status == answer.Status).Select(s => s.Header)]);
        }

        foreach (var (status, codes) in Refusals(metadata))
        {
            responses[Key(status)] = Refused(status, codes);
        }

        return responses;
    }

    /// <summary>The codes by status, without duplicates.</summary>
    public static SortedDictionary<int, IReadOnlyList<string>> Refusals(IList<object> metadata)
    {
        var (body, tenant) = (metadata.OfType<Takes>().Any(), metadata.OfType<TenantCall>().FirstOrDefault());
        var right = metadata.OfType<RightRequired>().Any() || tenant?.Permission is not null;
        var token = right || tenant?.NeedsToken == true;
        var may = OfEveryCall.Where(
            r => r.Status switch { 401 => token, 403 => right, 413 or 415 => body, _ => true })
            .Select(r => r.Status == 400 ? new Refusals(400, BadBody(body, metadata)) : r);
        return new(metadata.OfType<Refusals>().Concat(may).GroupBy(r => r.Status)
            .ToDictionary(g => g.Key, IReadOnlyList<string> (g) => [.. g.SelectMany(r => r.Codes).Distinct()]));
    }

    private static IReadOnlyList<string> BadBody(bool body, IList<object> metadata) =>
        [.. OfEveryCall[0].Codes
            .Where(code => (body && metadata.OfType<Takes>().First().ContentType == Json) || code == "bad_request")
            .Where(code => code != "body_required" || !metadata.OfType<OptionalBody>().Any())];

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);

    private OpenApiResponse Done(Answer answer, IReadOnlyList<string> headers) => new()
    {
        Description = answer.ContentType switch
        {
            OperationEvents.ContentType => words["Answer_events"],
            Json when answer == DoneCalls.Answer || answer.Status != StatusCodes.Status204NoContent =>
                words[$"Answer_{answer.Status}"],
            Json => words["Answer_204_tenant"],
            _ => words["Answer_csv"]
        },
        Headers = headers.Count == 0 ? null : headers.ToDictionary(h => h, IOpenApiHeader (h) => Header(h)),
        Content = answer.Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified
            ? null : new Dictionary<string, OpenApiMediaType>
            {
                [answer.ContentType] = answer.ContentType switch
                {
                    OperationEvents.ContentType =>
                        new()
                        {
                            Schema = Events(),
                            Example = "event: operation\n"
                                + "data: {\"id\":\"0197a3a0-0000-7000-8000-000000000000\",\"state\":\"running\","
                                + "\"progress\":40, …}\n\n"
                        },
                    _ => new() { Schema = schemas.Of(answer.Type ?? typeof(string)) },
                },
            },
    };

    // OpenAPI 3.1 can't describe a stream of events. contentSchema describes each event.
    private OpenApiSchema Events() =>
        new()
        {
            Type = JsonSchemaType.String, Description = words["Answer_events"],
            ContentSchema = schemas.Of(typeof(OperationAnswer)), ContentMediaType = Json
        };

    private OpenApiResponse Refused(int status, IReadOnlyList<string> codes) => new()
    {
        Description = string.Join('\n', codes.Select(code => $"- `{code}`: {ApiWords.Refusal(code)}")),
        Headers = status switch
        {
            401 => new Dictionary<string, IOpenApiHeader>
            { [HeaderNames.WWWAuthenticate] = Header(HeaderNames.WWWAuthenticate) },
            429 or 503 => new Dictionary<string, IOpenApiHeader>
            { [HeaderNames.RetryAfter] = Header(HeaderNames.RetryAfter) },
            _ => null,
        },
        Content = new Dictionary<string, OpenApiMediaType>
        { [Problem.ContentType] = new() { Schema = schemas.Problem(codes) } },
    };

    private OpenApiHeader Header(string name) => new()
    {
        Description = words[$"Header_{name}"],
        Schema = new OpenApiSchema
        {
            Type = name == HeaderNames.RetryAfter ? JsonSchemaType.Integer
            : JsonSchemaType.String
        },
    };
}
