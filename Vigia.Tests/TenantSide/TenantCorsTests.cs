using System.Net.Http.Headers;

namespace Vigia.Tests.TenantSide;

/// <summary>Scripts of other sites may call the tenants' API as CORS_ORIGINS says, and nothing else.</summary>
public sealed class TenantCorsTests(TenantSideHost host) : IClassFixture<TenantSideHost>
{
    [Theory]
    [InlineData("https://app.vigia.example", true)]
    [InlineData("http://localhost:5173", true)]
    [InlineData("https://evil.example", false)]
    [InlineData("https://app.vigia.example.evil.example", false)]
    [InlineData("null", false)]
    public async Task Origin_OfTheList_MayReadAnswersAndRefusals(string origin, bool expected)
    {
        using var nobody = host.Nobody();

        var refused = await nobody.GetAsync("auth/me", ("Origin", origin));
        refused.ExpectProblem(401, "not_authenticated");
        Assert.Equal(expected ? origin : null, Allowed(refused.Headers));
        Assert.False(refused.Headers.Contains("Access-Control-Allow-Credentials"));

        var asked = await nobody.SendAsync(HttpMethod.Options, "auth/login", null, ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,x-tenant"));
        Assert.Equal(expected ? origin : null, Allowed(asked.Headers));
        Assert.Equal(204, asked.Status);
    }

    [Theory]
    [InlineData("/api/v1/admin/clientes")]
    [InlineData("/cuenta/entrar")]
    [InlineData("/invitacion")]
    public async Task Origin_OfTheList_MayReadNothingElse(string address)
    {
        using var nobody = host.Nobody();

        Assert.Null(Allowed((await nobody.GetAsync(address, ("Origin", "https://app.vigia.example"))).Headers));
    }

    private static string? Allowed(HttpResponseHeaders headers) =>
        headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
}
