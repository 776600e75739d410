using Vigia.Tests.Api;

namespace Vigia.Tests.TenantSide;

/// <summary>A call that anybody may make has no larger body than a form.</summary>
public sealed class SmallBodyTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    [Fact]
    public async Task Calls_WithoutASignIn_RefuseALargeBody()
    {
        using var nobody = host.Nobody(await host.SharedNameAsync());
        var large = new string('a', 65 * 1024);

        (await nobody.BodyAsync("auth/login", "application/x-www-form-urlencoded", $"username=a&password={large}"))
            .ExpectProblem(413, "payload_too_large");
        (await nobody.BodyAsync("auth/invitation", "application/json", $"{{\"token\":\"{large}\"}}"))
            .ExpectProblem(413, "payload_too_large");
        using var stranger = new ApiCalls(host.Address, null);
        (await stranger.PostAsync("auth/token", $"{{\"email\":\"{large}\",\"password\":\"x\"}}"))
            .ExpectProblem(413, "payload_too_large");
        Assert.InRange((await stranger.PostAsync(
            "auth/token", $"{{\"email\":\"{large[..60_000]}\",\"password\":\"x\"}}")).Status, 401, 422);
    }
}
