using System.Net.Http.Headers;
using System.Text;
using Vigia.Core.Foundation.Access;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>Every error under /api is problem+json, no matter which component detects it.</summary>
public sealed class ProblemsTests(ApiHost host) : IClassFixture<ApiHost>
{
    [Theory]
    [InlineData("GET", "/api", 404, "not_found")]
    [InlineData("GET", "/api/v2/admin/clientes", 404, "not_found")]
    [InlineData("GET", "clientes/abc", 404, "not_found")]
    [InlineData("GET", "clientes/99999999999999", 404, "not_found")]
    [InlineData("GET", "operations/1", 404, "not_found")]
    [InlineData("PUT", "clientes", 405, "method_not_allowed")]
    [InlineData("OPTIONS", "clientes", 405, "method_not_allowed")]
    [InlineData("POST", "clientes", 400, "body_required")]
    public async Task Request_UnknownAddressOrMethod_IsAProblem(string method, string path, int status, string code)
    {
        using var api = await host.AsAdministratorAsync();

        var answer = await api.SendAsync(new HttpMethod(method), path, null);

        answer.ExpectProblem(status, code);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("{\"a\":", "json_invalid")]
    [InlineData("", "body_required")]
    [InlineData("[]", "body_not_object")]
    [InlineData("null", "body_not_object")]
    [InlineData("{\"ruc\":\"1\",\"ruc\":\"2\"}", "json_invalid")]
    [InlineData("{\"a\\ud800\":1}", "text_lone_surrogate")]
    [InlineData("{} {}", "json_invalid")]
    public async Task Body_NotAnObject_IsRefused(string body, string code)
    {
        using var api = await host.AsAdministratorAsync();

        (await api.PostAsync("clientes", body)).ExpectProblem(400, code);
    }

    [Fact]
    public async Task Body_TooDeepOrTooLarge_IsRefused()
    {
        using var api = await host.AsAdministratorAsync();

        (await api.PostAsync("clientes", "{\"config\":" + new string('[', 100) + new string(']', 100) + "}"))
            .ExpectProblem(400, "json_invalid");
        (await api.PostAsync("clientes", $"{{\"razon_social\":\"{new string('a', 1024 * 1024)}\"}}"))
            .ExpectProblem(413, "payload_too_large");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Body_OfAnotherType_IsRefused(string type)
    {
        using var api = await host.AsAdministratorAsync();
        using var request =
            new HttpRequestMessage(HttpMethod.Post, ApiCalls.Root + "clientes") { Content = new StringContent("{}") };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        (await api.SendAsync(request)).ExpectProblem(415, "unsupported_media_type");
    }

    [Fact]
    public async Task Body_NotUtf8_IsRefused()
    {
        using var api = await host.AsAdministratorAsync();
        using var request =
            new HttpRequestMessage(
            HttpMethod.Post, ApiCalls.Root + "clientes")
            {
                Content =
            new ByteArrayContent(Encoding.Latin1.GetBytes("{\"razon_social\":\"Ñ\"}"))
            };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        var answer = await api.SendAsync(request);

        Assert.True(answer.Status is 400 or 422 && answer.Code is "json_invalid" or "invalid_input", answer.Text);
    }

    [Fact]
    public async Task Failure_Unexpected_SaysTheTraceIdOnly()
    {
        using var api = await host.AsAdministratorAsync();
        var master = host.Postgres.SuperuserUrl(host.Master.Database);
        await PostgresServer.ExecuteAsync(
            master, "ALTER TABLE portal.operations RENAME TO gone", TestContext.Current.CancellationToken);
        ApiAnswer answer;
        try
        {
            answer = await api.GetAsync("operations");
        }
        finally
        {
            await PostgresServer.ExecuteAsync(
                master, "ALTER TABLE portal.gone RENAME TO operations", TestContext.Current.CancellationToken);
        }

        var problem = answer.ExpectProblem(500, "unexpected_error");
        Assert.Equal(["code", "status", "title", "traceId", "type"],
            problem.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Server_EndsTheSessionOrIsBusy_Returns503()
    {
        using var api = await host.AsAdministratorAsync();
        var master = host.Postgres.SuperuserUrl(host.Master.Database);
        foreach (var (state, status, code) in new[]
        {
            ("25P03", 503, "unavailable"), ("25P04", 503, "unavailable"), ("57P05", 503, "unavailable"),
            ("57P04", 503, "unavailable"), ("57014", 503, "unavailable"),
            ("55P03", 503, "unavailable"), ("40001", 503, "unavailable"), ("53100", 503, "unavailable"),
            ("XX000", 500, "unexpected_error"), ("42501", 500, "unexpected_error"),
        })
        {
            ApiAnswer answer;
            await PostgresServer.ExecuteAsync(
                master,
                $"""
                CREATE FUNCTION test_raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    RAISE EXCEPTION 'as a test wants it' USING ERRCODE = '{state}';
                END $$;
                CREATE TRIGGER test_raise BEFORE INSERT ON portal.audit_events
                    FOR EACH ROW EXECUTE FUNCTION test_raise();
                """,
                TestContext.Current.CancellationToken);
            try
            {
                answer = await api.PostAsync("clientes", ClientesTests.New(PortalTenants.NewName("api")));
            }
            finally
            {
                await PostgresServer.ExecuteAsync(
                    master, "DROP TRIGGER test_raise ON portal.audit_events; DROP FUNCTION test_raise()",
                    TestContext.Current.CancellationToken);
            }

            answer.ExpectProblem(status, code);
            Assert.Equal((state, status == 503), (state, answer.Headers.RetryAfter is not null));
        }
    }

    [Fact]
    public async Task Call_WithoutTheRight_IsForbidden()
    {
        using var api = await host.AsAsync(StaffRoles.Support);

        (await api.PostAsync("clientes", new { })).ExpectProblem(403, "forbidden");
    }

    [Fact]
    public async Task Verify_IntactChain_ReturnsItsHead()
    {
        using var api = await host.AsAdministratorAsync();

        var verdict = (await api.GetAsync("audit/verify")).Expect(200);

        Assert.True(verdict.GetProperty("holds").GetBoolean());
        var head = verdict.GetProperty("head");
        Assert.Equal(verdict.GetProperty("rows").GetInt64(), head.GetProperty("seq").GetInt64());
        Assert.True((await api.GetAsync(
            $"audit/verify?head_seq={head.GetProperty("seq").GetInt64()}"
            + $"&head_hash={head.GetProperty("hash").GetString()}")).Expect(200).GetProperty("holds").GetBoolean());
        var wrong = (await api.GetAsync($"audit/verify?head_seq=1&head_hash={new string('0', 64)}")).Expect(200);
        Assert.False(wrong.GetProperty("holds").GetBoolean());
        Assert.Equal((1, "audit_not_the_kept_head"),
            (wrong.GetProperty("first_broken").GetInt32(), wrong.GetProperty("why").GetProperty("code").GetString()));
        (await api.GetAsync("audit/verify?head_hash=abc")).ExpectProblem(422, "invalid_input");
        (await api.GetAsync("audit/verify?head_seq=1&head_hash=abc")).ExpectProblem(422, "invalid_input");
    }

    [Fact]
    public async Task Audit_EachFilter_NarrowsTheList()
    {
        using var api = await host.AsAdministratorAsync();
        (await api.GetAsync("audit?from=2026-01-01")).ExpectProblem(422, "invalid_input");
        Assert.Equal(0, (await api.GetAsync("audit?to=2000-01-01T00:00:00Z")).Expect(200).GetProperty("total")
            .GetInt32());
        var record = (await api.GetAsync("audit?action=staff.&from=2020-01-01T00:00:00-05:00&actor=ana")).Expect(200);
        Assert.True(record.GetProperty("total").GetInt32() > 0 || record.GetProperty("items").GetArrayLength() == 0);
    }
}
