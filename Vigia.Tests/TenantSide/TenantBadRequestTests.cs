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
