using Vigia.Portal.Api;
using Vigia.Portal.Api.Documentation;

namespace Vigia.Tests.Api;

/// <summary>A request that must be refused.</summary>
/// <param name="Kind">The fault that it has.</param>
/// <param name="Call">The call that it is intended for.</param>
/// <param name="Address">Path and query string, sent exactly as they are.</param>
internal sealed record BadRequest(string Kind, ApiCall Call, string Address)
{
    public string? Method { get; init; }
    public string? Body { get; init; }
    public string? ContentType { get; init; } = "application/json";

    /// <summary>Headers that replace the administrator's token.</summary>
    public string[]? Authorization { get; init; }
    public (string Name, string Value)? Header { get; init; }

    /// <summary>
    /// Whether the request reaches its call, so that the refusal is one of those that the document lists for the call.
    /// </summary>
    public bool Reaches { get; init; } = true;

    public HttpRequestMessage Build(Uri portal, string token)
    {
        var request = new HttpRequestMessage(
            new HttpMethod(Method ?? Call.Method),
            new Uri(portal.ToString().TrimEnd('/') + Address,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        foreach (var value in Authorization ?? [$"Bearer {token}"])
        {
            request.Headers.TryAddWithoutValidation("Authorization", value);
        }

        if (Header is { } header)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        if (Body is not null)
        {
            request.Content = new ByteArrayContent(BadValues.BytesOf(Body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType ?? "");
            if (ContentType is null)
            {
                request.Content.Headers.Remove("Content-Type");
            }
        }

        return request;
    }

    public override string ToString() =>
        $"{Kind}: {Method ?? Call.Method} {Shortened(Address)} {Shortened(Body ?? "")}"
        + $"{(Header is { } h ? $" {h.Name}: {Shortened(h.Value)}" : "")}";

    private static string Shortened(string text) => text.Length > 160 ? text[..160] + "…" : text;
}

/// <summary>
/// Generates bad requests from the endpoints: for every call, every field, parameter and header that it takes, with
/// every known fault.
/// </summary>
/// <param name="calls">All calls.</param>
/// <param name="tenant">A tenant that is ready and must not change.</param>
/// <param name="tokens">Headers that give no access.</param>
internal sealed class BadRequests(
    IReadOnlyList<ApiCall> calls, int tenant, IReadOnlyList<(string Kind, string[] Headers)> tokens)
{
    private static readonly string[] AllMethods =
        ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "X-NONE"];
    private readonly Random _random = new(20_261_127);

    private IEnumerable<ApiCall> WithBody => calls.Where(c => c.Said<Takes>() is not null);

    /// <summary>
    /// Returns at least <paramref name="count"/> requests: first each kind of fault wherever it is possible, then
    /// bodies with several faults.
    /// </summary>
    public IReadOnlyList<BadRequest> Make(int count)
    {
        List<BadRequest> requests =
            [.. Fields(), .. Bodies(), .. ContentTypes(), .. Queries(), .. Ids(), .. Methods(), .. Tokens(),
            .. Headers(), .. TooLarge()];
        var (fields, bodies) = (WithBody.ToDictionary(c => c, FieldsOf), WithBody.ToList());
        while (requests.Count < count)
        {
            var call = bodies[_random.Next(bodies.Count)];
            var body = Example(call);
            foreach (var (name, type) in _random.GetItems(fields[call].ToArray(), _random.Next(2, 5)))
            {
                body[name] = Pick(BadValues.For(type));
            }

            if (_random.Next(3) == 0)
            {
                body[_random.Next(2) == 0 ? "x_unknown" : "Ruc"] = Pick(BadValues.For(typeof(string)));
            }

            requests.Add(new("several fields", call, AddressOf(call)) { Body = Written(body) });
        }

        return requests;
    }

    private IEnumerable<BadRequest> Fields() =>
        from call in WithBody
        from field in FieldsOf(call)
        from value in BadValues.For(field.Type)
        let body = Example(call)
        let bad = new Dictionary<string, string>(body) { [field.Name] = value }
        from address in AddressesOf(call)
        select new BadRequest(
            $"{field.Name} = {(value.Length > 40 ? value[..40] : value)}", call, address)
        { Body = Written(bad) };

    private IEnumerable<BadRequest> Bodies() =>
        WithBody.SelectMany(
            call => BadValues.Bodies.Select(body => new BadRequest("body", call, AddressOf(call)) { Body = body }))
            .Concat(from call in WithBody
                    where call.Said<OptionalBody>() is null
                    select new BadRequest("no body", call, AddressOf(call)))
            .Concat(from call in WithBody
                    from field in FieldsOf(call)
                    select new BadRequest(
                        "the same field twice", call,
                        AddressOf(call))
                    { Body = $"{{\"{field.Name}\":null,\"{field.Name}\":null}}" })
            .Concat(from call in WithBody
                    from field in FieldsOf(call)
                    where FieldRules.IsRequired(call.Said<Takes>()!.Type, field.Name)
                    from missing in new[] { null, "null", "\"\"", "\" \"" }
                    let body = Example(call).Where(f => f.Key != field.Name || missing is not null)
                        .ToDictionary(f => f.Key, f => f.Key == field.Name ? missing! : f.Value)
                    select new BadRequest($"{field.Name} missing", call, AddressOf(call)) { Body = Written(body) })
            .Concat(from call in WithBody
                    from unknown in new[] { "x", "Ruc", "tenant_id", "isActive", "is-active", "role", "ñ", "a.b",
                        "a'--" }
                    select new BadRequest(
                        "unknown field", call,
                        AddressOf(call))
                    { Body = Written(new(Example(call)) { [unknown] = "1" }) });

    private IEnumerable<BadRequest> ContentTypes() =>
        from call in WithBody
        from type in BadValues.ContentTypes
        select new BadRequest(
            $"content type {type}", call, AddressOf(call))
        { Body = Written(Example(call)), ContentType = type };

    private IEnumerable<BadRequest> Queries() =>
        from call in calls
        let parameters = call.Said<QueryParameters>()?.All ?? []
        where parameters.Count > 0
        let written = parameters.SelectMany(p => BadValues.For(p).Select(v => $"{p.Name}={v}"))
            .Concat(parameters.Select(p => $"{p.Name}=1&{p.Name}=2"))
                .Concat(parameters.Select(p => $"{p.Name.ToUpperInvariant()}=1")).Concat(BadValues.UnknownQuery)
        from query in written
        select new BadRequest(
            "query", call, $"{AddressOf(call).Split('?')[0]}?{query}")
        {
            Body = call.Said<Takes>() is null ? null
            : Written(Example(call))
        };

    private IEnumerable<BadRequest> Ids() =>
        from call in calls
        where call.Route.Contains('{', StringComparison.Ordinal)
        from id in BadValues.Ids
        let route = call.Route.Replace("{id:int}", "{id}", StringComparison.Ordinal)
            .Replace("{id:guid}", "{id}", StringComparison.Ordinal)
        select new BadRequest(
            "id", call, route.Replace("{id}", id, StringComparison.Ordinal))
        {
            Reaches = false,
            Body = call.Said<Takes>() is null ? null : Written(Example(call))
        };

    private IEnumerable<BadRequest> Methods() =>
        from route in calls.GroupBy(c => c.Path)
        from method in AllMethods.Except(route.Select(c => c.Method))
        select new BadRequest("method", route.First(), route.Key) { Method = method, Reaches = false };

    private IEnumerable<BadRequest> Tokens() =>
        from call in calls
        where call.Said<RightRequired>() is not null
        from token in tokens
        select new BadRequest(
            $"token: {token.Kind}", call, AddressOf(call))
        {
            Authorization = token.Headers,
            Body = call.Said<Takes>() is null ? null : Written(Example(call))
        };

    private IEnumerable<BadRequest> Headers() =>
        (from call in calls
         where call.Endpoint.Metadata.GetOrderedMetadata<Heeds>().Any(h => h.Header == Idempotency.Header)
         from key in BadValues.Keys
         select new BadRequest(
             "key", call, call.Path)
         {
             Header = (Idempotency.Header, key),
             Body = call.Said<Takes>() is null ? null : Written(Example(call))
         })
        .Concat(from call in calls
                where call.Name == "updateCliente"
                from version in BadValues.Versions
                select new BadRequest(
                    "version", call, AddressOf(call))
                {
                    Header = ("If-Match", version),
                    Body = "{\"contacto_nombre\":\"Nadie\"}"
                })
        .Concat(from call in calls
                where call.Said<RightRequired>() is not null
                from header in new[] { ("Cookie", ".AspNetCore.Identity.Application=CfDJ8"),
                    ("X-Forwarded-For", "127.0.0.1' OR 1=1--"), ("X-HTTP-Method-Override", "DELETE"),
                    ("X-Original-URL", "/api/v1/admin/audit"), ("X-Tenant", "demo"),
                    ("Origin", "https://evil.example") }
                select new BadRequest(
                    $"{header.Item1} alone", call, AddressOf(call))
                {
                    Authorization = [], Header = header,
                    Body = call.Said<Takes>() is null ? null : Written(Example(call))
                });

    private IEnumerable<BadRequest> TooLarge() =>
        from call in WithBody
        select new BadRequest(
            "over 1 MiB", call, AddressOf(call))
        { Body = $"{{\"reason\":\"{new string('x', 1_100_000)}\"}}" };

    // The requests name a tenant that exists, so that they get as far as possible. The example of a registration lacks
    // the check digit of its RUC, so that no registration can succeed.
    private string AddressOf(ApiCall call) => AddressesOf(call)[0];

    private IReadOnlyList<string> AddressesOf(ApiCall call)
    {
        var real = call.Route.Replace("{id:int}", $"{tenant}", StringComparison.Ordinal)
            .Replace("{id:guid}", "0197a3a0-0000-7000-8000-000000000000", StringComparison.Ordinal);
        return call.Name switch
        {
            "deleteCliente" => [real, real + "?hard=true"],
            _ when call.Route.Contains("{id:int}", StringComparison.Ordinal) => [real, call.Path],
            _ => [real],
        };
    }

    private static Dictionary<string, string> Example(ApiCall call)
    {
        var body = FieldRules.Example(call.Said<Takes>()!.Type).AsObject()
            .ToDictionary(f => f.Key, f => f.Value!.ToJsonString());
        if (call.Said<Takes>()!.Type == typeof(DeleteRequest))
        {
            (body["confirm"], body["password"]) = ("\"no-es-este\"", "\"tampoco\"");
        }

        if (body.ContainsKey("ruc"))
        {
            body["ruc"] = "\"20512345670\"";
        }

        return body;
    }

    private static IReadOnlyList<(string Name, Type Type)> FieldsOf(ApiCall call) =>
        [.. ApiJson.Options.GetTypeInfo(call.Said<Takes>()!.Type).Properties.Select(p => (p.Name, p.PropertyType))];

    private static string Written(Dictionary<string, string> body) =>
        "{" + string.Join(',', body.Select(f => $"\"{f.Key}\":{f.Value}")) + "}";

    private string Pick(IReadOnlyList<string> from) => from[_random.Next(from.Count)];
}
