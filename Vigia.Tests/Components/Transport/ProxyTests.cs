using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Transport;

/// <summary>The portal trusts the X-Forwarded headers of the proxies in its settings, and of no other sender.</summary>
public sealed class ProxyTests(
    ProxyTests.Behind behind, ProxyTests.Alone alone, ProxyTests.BehindWithHost withHost)
    : IClassFixture<ProxyTests.Behind>, IClassFixture<ProxyTests.Alone>, IClassFixture<ProxyTests.BehindWithHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("203.0.113.9, 198.51.100.7", "198.51.100.7")]
    [InlineData("203.0.113.9, 198.51.100.7, 127.0.0.1", "198.51.100.7")]
    public async Task ForwardedFor_FromAKnownProxy_IsTheAddressInTheTrail(string forwarded, string address)
    {
        await SignInAsync(behind, forwarded);

        Assert.Equal(address, await LastAddressAsync(behind));
    }

    [Fact]
    public async Task ForwardedFor_WithoutAKnownProxy_IsIgnored()
    {
        await SignInAsync(alone, "203.0.113.9");

        Assert.Equal("127.0.0.1", await LastAddressAsync(alone));
    }

    [Fact]
    public async Task SignInPage_OverAPlainConnection_SaysThatTlsIsNeeded()
    {
        Assert.True(await WarnsAsync(alone, "portal.vigia.test", null));
        Assert.True(await WarnsAsync(alone, "portal.vigia.test", "https"));
        Assert.True(await WarnsAsync(alone, "192.0.2.4:5080", null));
        Assert.True(await WarnsAsync(behind, "portal.vigia.test", "http"));
        Assert.False(await WarnsAsync(behind, "portal.vigia.test", "https"));
        foreach (var here in new[] { "localhost:5080", "127.0.0.1", "[::1]:5080", "portal.localhost" })
        {
            Assert.False(await WarnsAsync(alone, here, null), here);
        }
    }

    // The page warns unless the host is this machine, so the warning shows which host the portal believes.
    [Fact]
    public async Task ForwardedHost_IsBelievedOnlyWhenASettingSaysSo()
    {
        Assert.True(await WarnsAsync(behind, "portal.vigia.test", "http", "localhost"));
        Assert.True(await WarnsAsync(alone, "portal.vigia.test", "http", "localhost"));
        Assert.False(await WarnsAsync(withHost, "portal.vigia.test", "http", "localhost"));
    }

    private static async Task<bool> WarnsAsync(
        PortalHost host, string name, string? scheme, string? forwardedHost = null)
    {
        using var client = new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, PortalUrls.SignIn);
        request.Headers.Host = name;
        if (scheme is not null)
        {
            request.Headers.Add("X-Forwarded-Proto", scheme);
            request.Headers.Add("X-Forwarded-For", "198.51.100.7");
        }

        if (forwardedHost is not null)
        {
            request.Headers.Add("X-Forwarded-Host", forwardedHost);
        }

        using var answer = await client.SendAsync(request, Cancellation);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Cancellation))
            .Contains("Esta conexión no está cifrada", StringComparison.Ordinal);
    }

    private static async Task SignInAsync(PortalHost host, string forwarded)
    {
        using var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", forwarded);
        var page = await client.GetStringAsync(new Uri(PortalUrls.SignIn, UriKind.Relative), Cancellation);
        var fields = System.Text.RegularExpressions.Regex.Matches(
            page, "name=\"(__RequestVerificationToken|_handler)\"[^>]*value=\"([^\"]*)\"")
            .DistinctBy(m => m.Groups[1].Value)
            .Select(m => KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value))).ToList();
        Assert.NotEmpty(fields);
        using var form = new FormUrlEncodedContent(
            [.. fields, new("Input.Email", PortalHost.AdministratorEmail),
            new("Input.Password", PortalHost.AdministratorPassword)]);
        using var answer = await client.PostAsync(new Uri(PortalUrls.SignIn, UriKind.Relative), form, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
    }

    private static async Task<string?> LastAddressAsync(PortalHost host)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        var record = await db.Set<AuditEvent>().Where(e => e.Action == "staff.signed_in").OrderByDescending(e => e.Seq)
            .FirstAsync(Cancellation);
        Assert.Equal(record.ActorAddress,
            await db.Set<SignInSession>().OrderByDescending(s => s.CreatedAt).Select(s => s.Address)
            .FirstAsync(Cancellation));
        return record.ActorAddress;
    }

    /// <summary>A portal that has loopback among its known proxies.</summary>
    public sealed class Behind(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Proxies:Known", "127.0.0.0/8, ::1");
        }
    }

    /// <summary>The same, and the proxy's host is believed.</summary>
    public sealed class BehindWithHost(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Proxies:Known", "127.0.0.0/8, ::1");
            builder.UseSetting("Proxies:ForwardedHost", "true");
        }
    }

    public sealed class Alone(PostgresServer server) : PortalHost(server);
}
