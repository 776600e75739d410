using System.Net.Http.Headers;
using System.Text;
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
        var (tenant, operation) = await host.RegisterAsync(PortalTenants.NewName("head"));
        await host.ReachAsync(operation!.Value, Core.Operations.OperationState.Succeeded);
        var calls = ApiCall.All(host.Services).Where(call => call.Method == "GET").ToList();
        Assert.True(calls.Count > 8, $"{calls.Count}");
        foreach (var call in calls)
        {
            var path = call.Path.Replace("987654", $"{tenant}", StringComparison.Ordinal)
                .Replace("0197a3a0-0000-7000-8000-000000000000", $"{operation}", StringComparison.Ordinal);
            var before = await RecordsAsync(api);
            using var head = await SendAsync(api, new HttpRequestMessage(HttpMethod.Head, path));
            Assert.Equal(before, await RecordsAsync(api));
            using var get = await SendAsync(api, new HttpRequestMessage(HttpMethod.Get, path));

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
    public async Task Head_OfAPage_IsAnswered(string path)
    {
        using var api = await host.AsAsync(null);
        using var head = await SendAsync(api, new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(200, (int)head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
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
