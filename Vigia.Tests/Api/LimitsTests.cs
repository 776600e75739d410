using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Vigia.Core.Api;
using Vigia.Core.TenantSide;
using Vigia.Portal.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Api;

/// <summary>Too many requests and too large requests are refused. The answer says how long to wait.</summary>
public sealed class LimitsTests(LimitsTests.Portal host) : IClassFixture<LimitsTests.Portal>
{
    [Fact]
    public async Task Requests_OverTheLimit_AreToldHowLongToWait()
    {
        using var api = await host.AsAdministratorAsync();
        var answers = new List<ApiAnswer>();
        for (var i = 0; i < 40; i++)
        {
            answers.Add(await api.GetAsync("nada"));
        }

        var refused = answers.Last(a => a.Status == 429);
        refused.ExpectProblem(429, "too_many_requests");
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains(answers, a => a.Status == 404);
    }

    // One visitor has the whole /64 network of an IPv6 address.
    [Fact]
    public async Task Requests_FromOneNetwork_AreCountedTogether()
    {
        using var nobody = await host.AsAsync(null);
        Task<ApiAnswer> AskAsync(string from) =>
            nobody.SendAsync(HttpMethod.Get, "nada", null, ("X-Forwarded-For", from));
        var answers = new List<int>();
        for (var i = 1; i <= 40; i++)
        {
            answers.Add((await AskAsync($"2001:db8:7:7::{i:x}")).Status);
        }

        Assert.Contains(429, answers);
        Assert.NotEqual(429, answers[0]);
        Assert.NotEqual(429, (await AskAsync("2001:db8:7:8::1")).Status);
    }

    /// <summary>Each look at the page of an invitation asks the master.</summary>
    [Fact]
    public async Task Invitation_TooManyLooks_IsAPageThatSaysWhenToComeBack()
    {
        using var nobody = await host.AsAsync(null);
        var answers = new List<ApiAnswer>();
        for (var i = 0; i < 40; i++)
        {
            answers.Add(await nobody.SendAsync(HttpMethod.Get, "/invitacion?token=x", null,
                ("Host", "nadie.vigia.example"), ("X-Forwarded-For", "198.51.100.9")));
        }

        Assert.Equal(404, answers[0].Status);
        var refused = answers.Last(answer => answer.Status == 429);
        Assert.Equal("text/html", refused.ContentType);
        Assert.Contains("Espere un momento", refused.Text, StringComparison.Ordinal);
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
    }

    // Each bucket is kept for a while, and its key must not be a text of any length that strangers choose.
    [Fact]
    public async Task Requests_WithATextThatIsTooLongForAToken_AreCountedByAddressOnly()
    {
        await using var limits = new ApiLimits(Options.Create(new ApiOptions
        {
            RequestsPerMinutePerToken = 1, RequestsPerMinutePerAddress = 3,
        }));
        static HttpContext With(string token) =>
            new DefaultHttpContext { Request = { Headers = { Authorization = $"Bearer {token}" } } };
        var tooLong = new string('a', TenantTokens.LongestToken + 1);

        limits.DemandRequest(With(tooLong));
        limits.DemandRequest(With(tooLong));
        limits.DemandRequest(With("uno"));

        Assert.Throws<ApiRefusal>(() => limits.DemandRequest(With("dos")));
    }

    // A limit of 100 a minute sustains 100 a minute, not 60.
    [Fact]
    public void Bucket_AnyLimit_RefillsThatManyAMinute() =>
        Assert.All(Enumerable.Range(1, 5_000).Append(1_000_000), limit =>
        {
            var bucket = Vigia.Portal.Api.ApiLimits.Bucket(limit);
            Assert.Equal(
                limit, bucket.TokensPerPeriod * 60 / bucket.ReplenishmentPeriod.TotalSeconds, limit * 1e-4);
            Assert.Equal(limit, bucket.TokenLimit);
            Assert.InRange(bucket.ReplenishmentPeriod.TotalSeconds, 0.99, 60);
        });

    /// <summary>A portal that allows thirty requests a minute, of any kind.</summary>
    public sealed class Portal(PostgresServer server) : ApiHost(server)
    {
        protected override int Limit => 30;

        protected override void ConfigureWebHost(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Proxies:Known", "127.0.0.0/8, ::1");
        }
    }
}

/// <summary>The rate of attempts at passwords is limited by address and by account.</summary>
public sealed class SignInLimitsTests(SignInLimitsTests.Portal host) : IClassFixture<SignInLimitsTests.Portal>
{
    [Fact]
    public async Task SignIns_TooManyWrongTries_AreRefusedBeforeThePasswordIsChecked()
    {
        using var nobody = await host.AsAsync(null);
        var request = new { email = PortalHost.AdministratorEmail, password = PortalHost.AdministratorPassword };
        for (var i = 0; i < 3; i++)
        {
            (await nobody.PostAsync("auth/token", request)).Expect(200);
            (await nobody.PostAsync("auth/token", new { request.email, password = "x" }))
                .ExpectProblem(401, "credentials_wrong");
        }

        (await nobody.PostAsync("auth/token", request)).Expect(200);
        for (var i = 0; i < 3; i++)
        {
            (await nobody.PostAsync("auth/token", new { request.email, password = "x" }))
                .ExpectProblem(401, "credentials_wrong");
        }

        var refused = await nobody.PostAsync("auth/token", request);

        refused.ExpectProblem(429, "too_many_requests");
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        (await nobody.PostAsync("auth/token", new { email = "OTRA@vigia.example", password = "x" }))
            .ExpectProblem(401, "credentials_wrong");
        (await nobody.GetAsync("clientes")).ExpectProblem(401, "not_authenticated");
    }

    /// <summary>A portal with three free tries for an account.</summary>
    public sealed class Portal(PostgresServer server) : ApiHost(server)
    {
        protected override void ConfigureWebHost(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Staff:FailedSignInsPerAccount", "3");
        }
    }
}
