using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Tenants;
using Vigia.Portal.Api;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Api;

/// <summary>HTTP semantics (RFC 9110), for every call that the API has.</summary>
public sealed class Rfc9110Tests(ApiHost host) : IClassFixture<ApiHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Section 9.3.2: HEAD is GET without the body. It is safe, so it records nothing that GET records.
    [Fact]
    public async Task Head_OfEveryGetCall_HasItsStatusAndHeadersAndNoBody()
    {
        using var api = await host.AsAdministratorAsync();
        using var program = await host.AsServiceAccountAsync([.. ServiceRights.All]);
        var (tenant, operation) = await host.RegisterAsync(PortalTenants.NewName("head"));
        await host.ReachAsync(operation!.Value, Core.Operations.OperationState.Succeeded);
        var calls = ApiCall.All(host.Services).Where(call => call.Method == "GET").ToList();
        Assert.True(calls.Count > 8, $"{calls.Count}");
        foreach (var (call, caller) in calls.SelectMany(call => new[] { (call, api), (call, program) }))
        {
            var path = call.Path.Replace("987654", $"{tenant}", StringComparison.Ordinal)
                .Replace("0197a3a0-0000-7000-8000-000000000000", $"{operation}", StringComparison.Ordinal);
            var before = await RecordsAsync(api);
            using var head = await SendAsync(caller, new HttpRequestMessage(HttpMethod.Head, path));
            Assert.Equal(before, await RecordsAsync(api));
            using var get = await SendAsync(caller, new HttpRequestMessage(HttpMethod.Get, path));

            Assert.True(head.StatusCode == get.StatusCode, $"{call}: {head.StatusCode} and {get.StatusCode}");
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(get.Headers.ETag, head.Headers.ETag);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
        }
    }

    [Theory]
    [InlineData("/api/docs")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/cuenta/entrar")]
    [InlineData("/health/live")]
    [InlineData("/css/base.css")]
    public async Task Head_OfAPage_Returns200WithoutABody(string path)
    {
        using var api = await host.AsAsync(null);
        using var head = await SendAsync(api, new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(200, (int)head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    // Section 13.2.2: the order of conditions. Section 8.8.3.3: servers in between rewrite the tag of what they
    // compress. Nothing here has a modification date, so the conditions on dates are ignored.
    [Fact]
    public async Task Conditions_OfARead_AreEvaluatedInOrder()
    {
        using var api = await host.AsAdministratorAsync();
        var path = $"clientes/{await RegisteredAsync(api)}";
        var tag = (await api.GetAsync(path)).Headers.ETag!.Tag;
        var zipped = $"{tag[..^1]}-gzip\"";
        foreach (var (status, headers) in new (int, (string, string)[])[]
        {
            (304, [("If-None-Match", tag)]), (304, [("If-None-Match", $"W/{tag}")]), (304, [("If-None-Match", zipped)]),
            (304, [("If-None-Match", $"W/{zipped}")]), (304, [("If-None-Match", $"{tag[..^1]};gzip\"")]),
            (304, [("If-None-Match", $"\"1\", {tag[..^1]}--gzip\"")]), (304, [("If-None-Match", "*")]),
            (200, [("If-None-Match", "\"1\"")]), (200, [("If-None-Match", "garbage")]),
            (200, [("If-None-Match", $"{tag[..^1]}0\"")]), (200, [("If-Match", zipped)]), (200, [("If-Match", "*")]),
            (412, [("If-Match", "\"1\"")]), (412, [("If-Match", "garbage")]),
            (412, [("If-Match", "*, \"1\"")]), (200, [("If-None-Match", "W/*")]),
            (412, [("If-Match", "\"1\""), ("If-None-Match", tag)]), (304, [("If-Match", tag), ("If-None-Match", tag)]),
            (200, [("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT")]),
            (200, [("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")]),
            (200, [("Accept-Encoding", "identity")]),
        })
        {
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head })
            {
                var answer = await api.SendAsync(method, path, null, headers);
                Assert.True(answer.Status == status, $"{method} {string.Join(' ', headers)}: {answer.Status}");
                Assert.Equal(status != 304 && method == HttpMethod.Get, answer.Text.Length > 0);
                Assert.Equal(status == 412 ? null : tag, answer.Headers.ETag?.Tag);
            }
        }

        // Figures of an answer change without the row. Then the answer has another tag, and an If-Match still holds.
        (await api.PatchAsync(path, new { contacto_nombre = "Ana" }, ("If-Match", tag))).Expect(200);
        Assert.NotEqual(tag, (await api.GetAsync(path)).Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Conditions_OfAChange_HoldOrNothingIsDone()
    {
        using var api = await host.AsAdministratorAsync();
        var tenant = await RegisteredAsync(api);
        var tag = (await api.GetAsync($"clientes/{tenant}")).Headers.ETag!.Tag;
        var calls = ApiCall.All(host.Services)
            .Where(call => call.Method != "GET" && call.Said<RightRequired>() is not null).ToList();
        Assert.True(calls.Count > 12, $"{calls.Count}");
        foreach (var call in calls)
        {
            var isOfTenant = call.Route.Contains("clientes/{id:int}", StringComparison.Ordinal);
            var path = call.Path.Replace("987654", $"{tenant}", StringComparison.Ordinal);
            (int Status, (string, string)[] Headers)[] rows =
            [
                (412, [("If-Match", "\"1\"")]), (412, [("If-Match", "garbage")]), (412, [("If-Match", "1, 2")]),
                (isOfTenant ? 412 : 0, [("If-None-Match", tag)]),
                (isOfTenant ? 412 : 0, [("If-None-Match", $"W/{tag}")]),
                (isOfTenant ? 412 : 0, [("If-None-Match", "*")]),
                (isOfTenant ? 412 : 0, [("If-None-Match", "garbage")]),
                (isOfTenant ? 412 : 0, [("If-Match", tag), ("If-None-Match", tag)]),
            ];
            foreach (var (status, headers) in rows.Where(row => row.Status != 0))
            {
                var answer = await api.SendAsync(new HttpMethod(call.Method), path, "{}", headers);
                Assert.True(answer.Status == status, $"{call} {string.Join(' ', headers)}: {answer.Status}");
                Assert.True(answer.Code is "version_differs" or "condition_failed", answer.Code);
            }

            // A tenant that does not exist is not found, for every version that the request names.
            if (isOfTenant && call.Name != "restoreCliente")
            {
                var unknown = await api.SendAsync(new HttpMethod(call.Method), call.Path, "{}", ("If-Match", "\"1\""));
                Assert.True(unknown.Status is 404 or 422 or 409, $"{call}: {unknown.Status}");
            }
        }

        Assert.Equal(tag, (await api.GetAsync($"clientes/{tenant}")).Headers.ETag!.Tag);
        var body = new { reason = "Ya no lo usan." };
        (await api.SendAsync(HttpMethod.Delete, $"clientes/{tenant}", body, ("If-None-Match", "\"1\""),
            ("If-Match", $"W/{tag[..^1]}-gzip\""))).Expect(200);
        (await api.SendAsync(HttpMethod.Delete, $"clientes/{tenant}", body, ("If-Match", tag)))
            .ExpectProblem(412, "version_differs");
    }

    // The row may change between the check and its lock.
    [Fact]
    public async Task Condition_BrokenMeanwhile_IsSeenUnderTheLock()
    {
        using var api = await host.AsAdministratorAsync();
        var tenant = await RegisteredAsync(api);
        await using var scope = host.Scope();
        var actor = await host.AdministratorAsync() with { Condition = new TenantCondition(tenant, _ => false) };

        var refused = await Assert.ThrowsAsync<RuleException>(() => scope.ServiceProvider
            .GetRequiredService<TenantActivation>().WithdrawAsync(actor, tenant, "otro", "Prueba", Cancellation));
        Assert.Equal("version_differs", refused.Reason.Code);
    }

    // Section 12.5.3: a caller that takes no coding gets none.
    [Fact]
    public async Task Get_AcceptEncodingIdentity_IsNotCompressed()
    {
        using var api = await host.AsAdministratorAsync();
        var paths = ApiCall.All(host.Services).Where(call => call.Method == "GET").Select(call => call.Path)
            .Concat(["/api/docs", "/openapi/v1.json", "/css/base.css", "/cuenta/entrar", "/health/live"]);
        foreach (var path in paths)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
            using var answer = await SendAsync(api, request);
            Assert.True(
                answer.Content.Headers.ContentEncoding.Count == 0 && (int)answer.StatusCode is < 500 and not 406,
                $"{path}: {answer.StatusCode} {string.Join(',', answer.Content.Headers.ContentEncoding)}");
        }
    }

    // Section 15.5.6: 405 lists the methods that there are, and those work.
    [Fact]
    public async Task Method_NotAllowed_Returns405WithTheAllowedOnes()
    {
        using var api = await host.AsAdministratorAsync();
        foreach (var route in ApiCall.All(host.Services).GroupBy(call => call.Path))
        {
            using var answer = await SendAsync(
                api, new HttpRequestMessage(new HttpMethod("PROPFIND"), route.Key));

            Assert.True((int)answer.StatusCode == 405, $"{route.Key}: {answer.StatusCode}");
            var methods = route.Select(call => call.Method).ToHashSet();
            if (methods.Contains("GET"))
            {
                methods.Add("HEAD");
            }

            Assert.True(methods.SetEquals(answer.Content.Headers.Allow),
                $"{route.Key}: {string.Join(", ", answer.Content.Headers.Allow)}");
        }
    }

    // Section 8.3: a parameter may be quoted, and its case does not matter. Section 8.4: a coding that is not
    // understood is refused, and the answer says which ones are.
    [Fact]
    public async Task Body_ContentTypeAndCoding_AreParsedAsTheRfcSays()
    {
        using var api = await host.AsAdministratorAsync();
        var calls = ApiCall.All(host.Services).Where(call => call.Said<Takes>() is not null).ToList();
        Assert.True(calls.Count > 8, $"{calls.Count}");
        foreach (var call in calls)
        {
            foreach (var good in new[] { "application/json; charset=\"utf-8\"", "application/json;charset=UTF-8",
                "Application/JSON", "application/json; Charset=\"UTF-8\"" })
            {
                using var answer = await SendAsync(api, WithBody(call, "{\"x_unknown\": 1}", good));
                Assert.True((int)answer.StatusCode is not (415 or 500), $"{call} {good}: {answer.StatusCode}");
            }

            using var latin = await SendAsync(api, WithBody(call, "{}", "application/json; charset=\"latin1\""));
            Assert.Equal(415, (int)latin.StatusCode);
            var coded = WithBody(call, "{}", "application/json");
            coded.Content!.Headers.ContentEncoding.Add("gzip");
            using var gzip = await SendAsync(api, coded);
            Assert.Equal(415, (int)gzip.StatusCode);
            Assert.Equal(["identity"], gzip.Headers.GetValues("Accept-Encoding"));
        }
    }

    // Section 11.6.1: a 401 names how to authenticate.
    [Fact]
    public async Task Call_WithoutAToken_Returns401WithAChallenge()
    {
        using var api = await host.AsAsync(null);
        foreach (var call in ApiCall.All(host.Services).Where(call => call.Said<RightRequired>() is not null))
        {
            using var answer = await SendAsync(
                api, new HttpRequestMessage(new HttpMethod(call.Method), call.Path));
            Assert.Equal(401, (int)answer.StatusCode);
            Assert.StartsWith("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{\"razon_social\":\"a\",\n  \"razon_social\":\"b\"}", "línea 2, columna 3", "razon_social")]
    [InlineData("{\"config\":{\"á\":1,\"b\":{\"c\":1,\"c\":2}}}", "línea 1, columna 29", "c")]
    public async Task Body_DuplicateKey_NamesTheKeyAndItsPlace(string body, string where, string key)
    {
        using var api = await host.AsAdministratorAsync();
        var problem = (await api.PatchAsync("clientes/987654", body)).ExpectProblem(400, "json_invalid");

        Assert.Contains(where, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains($"«{key}»", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_KeyTwice_IsNamedByEveryCall()
    {
        using var api = await host.AsAdministratorAsync();
        foreach (var call in ApiCall.All(host.Services).Where(call => call.Said<Takes>() is not null))
        {
            foreach (var body in new[]
            {
                "{\"una_clave\":1,\"una_clave\":2}", "{\"una_clave\":1,\"una\\u005fclave\":2}",
                "{\"config\":[{\"x\":{\"una_clave\":1,\n\"una_clave\":null}}]}",
            })
            {
                var problem = (await api.SendAsync(new HttpMethod(call.Method), call.Path, body))
                    .ExpectProblem(400, "json_invalid");
                Assert.Contains("«una_clave»", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
                Assert.DoesNotContain("columna 1 ", problem.GetProperty("detail").GetString() + " ",
                    StringComparison.Ordinal);
            }
        }
    }

    private static async Task<int> RegisteredAsync(ApiCalls api)
    {
        var body = ClientesTests.New(PortalTenants.NewName("condicion"), with => with["provision"] = false);
        return (await api.PostAsync("clientes", body)).Expect(201).GetProperty("cliente").GetProperty("id").GetInt32();
    }

    private static HttpRequestMessage WithBody(ApiCall call, string body, string type) =>
        new(new HttpMethod(call.Method), call.Path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body))
            {
                Headers = { ContentType = MediaTypeHeaderValue.Parse(type) },
            },
        };

    private static Task<HttpResponseMessage> SendAsync(ApiCalls api, HttpRequestMessage request) =>
        api.Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, Cancellation);

    private static async Task<int> RecordsAsync(ApiCalls api) =>
        (await api.GetAsync("audit")).Expect(200).GetProperty("total").GetInt32();
}
