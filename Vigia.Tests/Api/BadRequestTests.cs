using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Vigia.Core.Foundation.Access;
using Vigia.Portal.Api.Documentation;
using Vigia.Tests.Browser;

namespace Vigia.Tests.Api;

/// <summary>
/// Ten thousand invalid requests: each is refused as the contract says, and none causes an error or a change.
/// </summary>
public sealed partial class BadRequestTests(ApiHost host) : IClassFixture<ApiHost>
{
    private const int Wanted = 10_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_TenThousandInvalidOnes_AreAllRefusedAsProblems()
    {
        var tenant = await host.ReadyTenantAsync(PortalTenants.NewName("intacto"));
        var calls = ApiCall.All(host.Services);
        var requests = new BadRequests(
            calls, tenant, await BadTokens.MakeAsync(host, "a-secret-key-for-tests-that-is-long-enough")).Make(Wanted);
        using var api = await host.AsAdministratorAsync();
        var before = await StateAsync(api, tenant);

        var wrong = await AskAsync(requests, await host.TokenAsync(StaffRoles.Administrator));

        Assert.True(wrong.IsEmpty,
            $"{wrong.Count} of {requests.Count}:\n{string.Join("\n", wrong.Order(StringComparer.Ordinal).Take(40))}");
        Assert.True(requests.Count >= Wanted);
        Assert.Equal(calls.Select(c => c.Name).Order(StringComparer.Ordinal),
            requests.Select(r => r.Call.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(before, await StateAsync(api, tenant));
    }

    [Fact]
    public async Task Text_ThatLooksLikeCode_IsStoredAndReturnedAsText()
    {
        using var api = await host.AsAdministratorAsync();
        var tenant = await host.ReadyTenantAsync(PortalTenants.NewName("hostil"));
        foreach (var text in BadValues.Injections)
        {
            var written = Uri.EscapeDataString(text);
            foreach (var address in new[] { $"clientes?q={written}", $"clientes?plan={written}",
                $"clientes?state=trashed&q={written}", $"clientes/export?q={written}", $"operations?kind={written}",
                $"audit?actor={written}&action={written}&trace_id={written}" })
            {
                Assert.Equal(200, (await api.GetAsync(address)).Status);
            }

            var changed = await api.PatchAsync(
                $"clientes/{tenant}", new { razon_social = text, contacto_nombre = text, config = new { text } });
            Assert.Equal(text, changed.Expect(200).GetProperty("razon_social").GetString());
            Assert.Equal(text, changed.Json.GetProperty("config").GetProperty("text").GetString());
        }

        // The limits of the permitted values.
        foreach (var address in new[]
        {
            "clientes?page=2147483647&page_size=200", "operations?page=2147483647&page_size=200",
            "audit?page=2147483647&page_size=200", "clientes?state=trashed&page=2147483647&page_size=200",
            "operations?tenant_id=2147483647",
            "audit?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
            "audit/verify?head_seq=9223372036854775807&head_hash=" + new string('f', 64), "clientes?q=%FF%FE",
            "clientes?q=" + new string('a', 300), "clientes?q=", "audit?from=",
        })
        {
            Assert.Equal(200, (await api.GetAsync(address)).Status);
        }

        // Times with an offset that can't be expressed in UTC.
        foreach (var time in new[] { "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00" })
        {
            Assert.True((await api.GetAsync($"audit?from={time}")).Status is 200 or 422);
        }
    }

    // A request that the server can't parse never reaches the portal's code. The answer is a 4xx without a problem
    // document.
    [Theory]
    [InlineData("GARBAGE\r\n\r\n")]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes/1%00 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes/\u0001 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /api/v1/admin/cli entes HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nX-A: b\rX-Injected: 1\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nX-A\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nX-A: b\r\n folded\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nX-A: \u00ff\u00fe\r\n\r\n")]
    [InlineData("POST /api/v1/admin/auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /api/v1/admin/auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n"
        + "\r\nab")]
    [InlineData("POST /api/v1/admin/auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("POST /api/v1/admin/auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n")]
    [InlineData("POST /api/v1/admin/auth/token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("POST /api/v1/admin/auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nX-A: b\r\n"
        + "Idempotency-Key: a\r\nX-Injected: 1\r\n\r\n")]
    [InlineData("LONG LINE")]
    [InlineData("LONG HEADER")]
    [InlineData("MANY HEADERS")]
    public async Task Request_ThatIsNotHttpOrTooLarge_IsRefusedByTheServer(string sent)
    {
        var request = sent switch
        {
            "LONG LINE" => $"GET /api/v1/admin/clientes?q={new string('a', 20_000)} HTTP/1.1\r\nHost: a\r\n\r\n",
            "LONG HEADER" =>
                $"GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\nX-A: {new string('a', 33_000)}\r\n\r\n",
            "MANY HEADERS" => "GET /api/v1/admin/clientes HTTP/1.1\r\nHost: a\r\n"
                + string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: 1\r\n")) + "\r\n",
            _ => sent,
        };
        using var connection = new TcpClient();
        await connection.ConnectAsync(host.Address.Host, host.Address.Port, Cancellation);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), Cancellation);

        var answer = await HeadAsync(stream);

        Assert.Matches(@"\AHTTP/1\.1 4\d\d ", answer);
        Assert.DoesNotContain("X-Injected", answer, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(Innards(), answer);
    }

    // Reads until the end of the headers, or until the server has closed the connection.
    private static async Task<string> HeadAsync(NetworkStream stream)
    {
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal)
            && await stream.ReadAsync(buffer, Cancellation) is > 0 and var read)
        {
            answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }

    private async Task<ConcurrentBag<string>> AskAsync(IReadOnlyList<BadRequest> requests, string token)
    {
        var wrong = new ConcurrentBag<string>();
        using var http = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false, UseCookies = false,
                RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8
            });
        await Parallel.ForEachAsync(
            requests, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            async (bad, cancellationToken) =>
        {
            using var response = await SendAsync(http, bad, token, cancellationToken);
            var answer = new ApiAnswer(
                (int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.MediaType,
                await response.Content.ReadAsStringAsync(cancellationToken));
            if (WhatIsWrong(bad, answer) is { } what)
            {
                var shown = answer.Text.Length > 300 ? answer.Text[..300] : answer.Text;
                wrong.Add($"{what} — {bad}\n    {answer.Status} {shown}");
            }
        });
        return wrong;
    }

    // A server that refuses early closes the connection while the body is being sent. Sometimes the client then sees a
    // broken pipe instead of the answer.
    private async Task<HttpResponseMessage> SendAsync(
        HttpClient http, BadRequest bad, string token, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            using var request = bad.Build(host.Address, token);
            try
            {
                return await http.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException e) when (e.InnerException is IOException && tries < 5)
            {
                // Send the request again.
            }
        }
    }

    private static string? WhatIsWrong(BadRequest bad, ApiAnswer answer)
    {
        if (answer.Status is < 400 or > 499)
        {
            return "not refused";
        }

        if (answer.ContentType != "application/problem+json" || answer.Code is not { Length: > 0 } code
            || !TraceId().IsMatch(answer.Json.GetProperty("traceId").GetString() ?? ""))
        {
            return "no problem";
        }

        if (Innards().IsMatch(answer.Text))
        {
            return "says what is inside";
        }

        if (answer.Headers.Contains("X-Injected") || answer.Headers.Contains("Set-Cookie"))
        {
            return "has a header of the caller's";
        }

        return bad.Reaches && !(
            AnswerDocs.Refusals([.. bad.Call.Endpoint.Metadata]).TryGetValue(answer.Status, out var codes)
            && codes.Contains(code)) ? $"{answer.Status} {code} is not in the document of {bad.Call.Name}" : null;
    }

    // Reads everything that a request could have changed.
    private static async Task<string> StateAsync(ApiCalls api, int tenant)
    {
        var one = (await api.GetAsync($"clientes/{tenant}")).Expect(200);
        return string.Join('\n',
            [
                .. one.EnumerateObject().Where(p => p.Name != "usage").Select(p => p.ToString()),
                $"{(await api.GetAsync("clientes")).Json.GetProperty("total")} tenants",
                $"{(await api.GetAsync("clientes?state=trashed")).Json.GetProperty("total")} in the trash",
                $"{(await api.GetAsync($"operations?tenant_id={tenant}")).Json.GetProperty("total")} operations",
                $"{(await api.GetAsync($"audit?tenant_id={tenant}")).Json.GetProperty("total")} records",
            ]);
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex TraceId();

    // Matches a stack trace, a type, SQL, or a name of PostgreSQL.
    [GeneratedRegex(@"\bat \w+\.\w+|System\.|Microsoft\.|Npgsql|Vigia\.(Core|Portal)|Exception|SQLSTATE|portal\.\w+ |"
        + @"\b(22P02|22021|42\d{3}|23505)\b|pg_catalog")]
    private static partial Regex Innards();
}
