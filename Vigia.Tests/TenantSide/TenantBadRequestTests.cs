using Vigia.Portal.Api;
using Vigia.Portal.Api.TenantSide;
using Vigia.Tests.Api;

namespace Vigia.Tests.TenantSide;

/// <summary>No request to the tenants' API, however odd, is an error of the portal.</summary>
public sealed class TenantBadRequestTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    // In Latin 1, so \u00ff is no UTF-8.
    private static readonly (string Type, string Body)[] Bodies =
    [
        ("application/json", ""), ("application/json", "{"), ("application/json", "[]"), ("application/json", "null"),
        ("application/json", "\"a\""), ("application/json", "{\"email\":1,\"email\":2}"),
        ("application/json", "{\"email\":\"\u00ff\"}"), ("application/json", "{\"\\ud800\":1}"),
        ("application/json", "{\"email\":\"\\ud800\",\"serie\":\"\\ud800\",\"token\":\"\\ud800\"}"),
        ("application/json", "{\"password\":\"abc\\u0000def\",\"token\":\"a\\u0000\",\"nombre\":\"a\\u0000\"}"),
        ("application/json", "{\"token\":\"a\\u0000\",\"password\":\"abc\\u0000def\"}"),
        ("application/json", "{\"numero\":1e400,\"total\":1e400,\"empleado_id\":9999999999}"),
        ("application/json", $"{{\"roles\":{new string('[', 200)}{new string(']', 200)}}}"),
        ("application/json; charset=utf-16", "{}"), ("text/plain", "{}"), ("nada", "{}"), ("", "{}"),
        ("multipart/form-data", "{}"),
    ];

    [Fact]
    public async Task Calls_WithABodyOfAnyKind_SayWhatIsWrong()
    {
        var tenant = await host.TenantAsync("raros");
        using var admin = await tenant.SignedInAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);

        var calls = ApiCall.OfTenants(host.Services).Where(c => c is { Method: "POST", Name: not "login" }).ToList();
        Assert.Equal(4, calls.Count);
        foreach (var call in calls)
        {
            var caller = call.Said<TenantCall>()!.NeedsToken ? admin : nobody;
            foreach (var (type, body) in Bodies)
            {
                var answer = await caller.BodyAsync(call.Route, type, body);
                Assert.True(answer is { Status: 400 or 410 or 415 or 422, ContentType: "application/problem+json" },
                    $"{call} {type} {body}: {answer.Status} {answer.Text}");
            }
        }
    }

    // RFC 9110, section 13: nothing here has a tag, so a condition that names one never holds, and nothing is done.
    [Fact]
    public async Task Calls_WithConditions_HoldOrNothingIsDone()
    {
        var tenant = await host.TenantAsync("condicion");
        using var admin = await tenant.SignedInAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);
        var calls = ApiCall.OfTenants(host.Services);
        Assert.True(calls.Count > 8, $"{calls.Count}");
        foreach (var call in calls)
        {
            var caller = call.Said<TenantCall>()!.NeedsToken ? admin : nobody;
            foreach (var tag in new[] { "\"1\"", "garbage", "1, 2", "*, \"1\"" })
            {
                (await caller.SendAsync(new HttpMethod(call.Method), call.Route, call.Method == "GET" ? null : "{}",
                    ("If-Match", tag))).ExpectProblem(412, "condition_failed");
            }
        }

        var user = new { email = "luis@cliente.pe", password = "otra frase", roles = new[] { "qf" } };
        (await admin.PostAsync("users", user, ("If-Match", "\"1\""))).ExpectProblem(412, "condition_failed");
        (await admin.PostAsync("users", user, ("If-Match", "\"1\""), ("If-None-Match", "\"1\"")))
            .ExpectProblem(412, "condition_failed");
        (await admin.PostAsync("users", user, ("If-None-Match", "\"1\""),
            ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"))).Expect(201);
    }

    // RFC 9110, sections 9.3.2, 15.5.6, 11.6.1 and 12.5.3.
    [Fact]
    public async Task Calls_HeadOtherMethodsNoTokenAndIdentity_AreAnsweredAsTheRfcSays()
    {
        var tenant = await host.TenantAsync("metodos");
        using var admin = await tenant.SignedInAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);
        foreach (var route in ApiCall.OfTenants(host.Services).GroupBy(call => call.Route))
        {
            var methods = route.Select(call => call.Method).ToHashSet();
            var other = await nobody.SendAsync(new HttpMethod("PROPFIND"), route.Key, null);
            Assert.True(other.Status == 405, $"{route.Key}: {other.Status}");
            if (methods.Contains("GET"))
            {
                methods.Add("HEAD");
                var get = await admin.GetAsync(route.Key, ("Accept-Encoding", "identity"));
                var head = await admin.SendAsync(HttpMethod.Head, route.Key, null);
                Assert.Equal((get.Status, get.ContentType, ""), (head.Status, head.ContentType, head.Text));
            }

            Assert.True(methods.SetEquals(other.Allow), $"{route.Key}: {string.Join(", ", other.Allow)}");
            foreach (var call in route.Where(call => call.Said<TenantCall>()!.NeedsToken))
            {
                var refused = await nobody.SendAsync(new HttpMethod(call.Method), call.Route, null);
                Assert.Equal(401, refused.Status);
                Assert.StartsWith("Bearer", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            }
        }
    }

    // RFC 9110, section 8.3: a parameter may be quoted, and its case does not matter. A key twice is named.
    [Fact]
    public async Task Calls_WithAContentTypeInAnyForm_ReadTheBody()
    {
        var tenant = await host.TenantAsync("tipos");
        using var admin = await tenant.SignedInAsync("rosa");
        using var nobody = host.Nobody(tenant.Name);
        foreach (var call in ApiCall.OfTenants(host.Services).Where(
            c => c.Said<Takes>() is { ContentType: "application/json" }))
        {
            var caller = call.Said<TenantCall>()!.NeedsToken ? admin : nobody;
            foreach (var good in new[] { "application/json; charset=\"utf-8\"", "application/json;charset=UTF-8",
                "Application/JSON", "application/json; Charset=\"UTF-8\"" })
            {
                Assert.True((await caller.BodyAsync(call.Route, good, "{}")).Status is not (415 or 500), $"{call}");
            }

            Assert.Equal(415, (await caller.BodyAsync(
                call.Route, "application/json; charset=\"latin1\"", "{}")).Status);
            var coded = await caller.BodyAsync(call.Route, "application/json", "{}", ("Content-Encoding", "gzip"));
            Assert.Equal(415, coded.Status);
            Assert.Equal(["identity"], coded.Headers.GetValues("Accept-Encoding"));
            var twice = (await caller.BodyAsync(call.Route, "application/json", "{\"una_clave\":1,\"una_clave\":2}"))
                .ExpectProblem(400, "json_invalid");
            Assert.Contains("«una_clave»", twice.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Calls_WithAnyMethod_AreAnsweredOrRefused()
    {
        using var nobody = host.Nobody(await host.SharedNameAsync());

        foreach (var path in ApiCall.OfTenants(host.Services).Select(c => c.Route).Distinct())
        {
            foreach (var method in new[] { "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "RARO" })
            {
                Assert.InRange(
                    (await nobody.SendAsync(new HttpMethod(method), path, null)).Status, 200, 499);
            }
        }
    }
}
