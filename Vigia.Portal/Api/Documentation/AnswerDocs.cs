using System.Globalization;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Vigia.Portal.Api.Documentation;

/// <summary>What a call may answer: what was asked for, its own refusals, and those that any call may meet.</summary>
internal sealed class AnswerDocs(ApiWords words, Schemas schemas)
{
    private const string Json = "application/json";

    public OpenApiResponses Of(IList<object> metadata)
    {
        var responses = new OpenApiResponses();
        foreach (var answer in metadata.OfType<Answer>().OrderBy(a => a.Status))
        {
            responses[Key(answer.Status)] = Done(answer, [.. metadata.OfType<Sends>().Where(s => s.Status == answer.Status).Select(s => s.Header)]);
        }

        foreach (var (status, codes) in Refusals(metadata))
        {
            responses[Key(status)] = Refused(status, codes);
        }

        return responses;
    }

    /// <summary>The codes by status, each once.</summary>
    public static SortedDictionary<int, IReadOnlyList<string>> Refusals(IList<object> metadata)
    {
        var (right, body) = (metadata.OfType<RightRequired>().Any(), metadata.OfType<Takes>().Any());
        var all = metadata.OfType<Refusals>().Concat(Everywhere()).Where(r => r.Codes.Count > 0);
        return new(all.GroupBy(r => r.Status).ToDictionary(g => g.Key, IReadOnlyList<string> (g) => [.. g.SelectMany(r => r.Codes).Distinct()]));

        IEnumerable<Refusals> Everywhere()
        {
            yield return new(400, body ? ["bad_request", "body_not_object", "json_invalid", "text_lone_surrogate"] : ["bad_request"]);
            yield return new(400, body && !metadata.OfType<OptionalBody>().Any() ? ["body_required"] : []);
            yield return new(401, right ? ["not_authenticated"] : []);
            yield return new(403, right ? ["forbidden"] : []);
            yield return new(413, body ? ["payload_too_large"] : []);
            yield return new(415, body ? ["unsupported_media_type"] : []);
            yield return new(429, ["too_many_requests"]);
            yield return new(500, ["unexpected_error"]);
            yield return new(503, ["unavailable"]);
        }
    }

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);

    private OpenApiResponse Done(Answer answer, IReadOnlyList<string> headers) => new()
    {
        Description = answer.ContentType switch { OperationEvents.ContentType => words["Answer_events"], Json => words[$"Answer_{answer.Status}"], _ => words["Answer_csv"] },
        Headers = headers.Count == 0 ? null : headers.ToDictionary(h => h, IOpenApiHeader (h) => Header(h)),
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [answer.ContentType] = answer.ContentType switch
            {
                OperationEvents.ContentType => new() { Schema = Events(), Example = "event: operation\ndata: {\"id\":\"0197a3a0-0000-7000-8000-000000000000\",\"state\":\"running\",\"progress\":40, …}\n\n" },
                _ => new() { Schema = schemas.Of(answer.Type ?? typeof(string)) },
            },
        },
    };

    // OpenAPI 3.1 has no word for a stream of events; contentSchema says what each one holds.
    private OpenApiSchema Events() => new() { Type = JsonSchemaType.String, Description = words["Answer_events"], ContentSchema = schemas.Of(typeof(OperationAnswer)), ContentMediaType = Json };

    private OpenApiResponse Refused(int status, IReadOnlyList<string> codes) => new()
    {
        Description = string.Join('\n', codes.Select(code => $"- `{code}`: {ApiWords.Refusal(code)}")),
        Headers = status switch
        {
            401 => new Dictionary<string, IOpenApiHeader> { [HeaderNames.WWWAuthenticate] = Header(HeaderNames.WWWAuthenticate) },
            429 or 503 => new Dictionary<string, IOpenApiHeader> { [HeaderNames.RetryAfter] = Header(HeaderNames.RetryAfter) },
            _ => null,
        },
        Content = new Dictionary<string, OpenApiMediaType> { [Problem.ContentType] = new() { Schema = schemas.Problem(codes) } },
    };

    private OpenApiHeader Header(string name) => new()
    {
        Description = words[$"Header_{name}"],
        Schema = new OpenApiSchema { Type = name == HeaderNames.RetryAfter ? JsonSchemaType.Integer : JsonSchemaType.String },
    };
}
