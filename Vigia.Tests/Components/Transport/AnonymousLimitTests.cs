using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Hosting;
using Vigia.Portal;
using Vigia.Tests.Api;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Transport;

/// <summary>
/// A stranger can't make the portal hold resources: no circuit, no large body, no more connections than allowed.
/// </summary>
public sealed class AnonymousLimitTests(AnonymousLimitTests.Portal host) : IClassFixture<AnonymousLimitTests.Portal>
{
    private const string Negotiate = "/_blazor/negotiate?negotiateVersion=1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", Negotiate)]
    [InlineData("GET", "/_blazor?id=abc")]
    [InlineData("POST", "/_blazor/disconnect")]
    public async Task Circuit_WithoutASignIn_IsRefused(string method, string address)
    {
        using var stranger = new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(new HttpMethod(method), address);

        using var answer = await stranger.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Circuit_WithASignIn_IsNegotiated()
    {
        using var browser = new BrowserSession(host);
        await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);
        using var client = new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, Negotiate);
        request.Headers.Add("Cookie", browser.Cookies);

        using var answer = await client.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    // Otherwise the page would wait for a circuit that it does not get.
    [Fact]
    public void PublicPages_RunWithoutACircuit() =>
        Assert.All(PortalPage.Public, route => Assert.True(
            Array.Exists(typeof(Vigia.Portal.Components.Routes).Assembly.GetTypes(), type =>
                type.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>()
                    .Any(r => r.Template == route)
                && type.IsDefined(typeof(ExcludeFromInteractiveRoutingAttribute), inherit: true)), route));

    [Theory]
    [InlineData(PortalUrls.SignIn)]
    [InlineData(PortalUrls.SetUp)]
    [InlineData(PortalUrls.Confirm)]
    [InlineData(PortalUrls.Session + "/desbloquear")]
    [InlineData(PortalUrls.Theme)]
    public async Task Form_LargerThanTheLimit_IsRefused(string address)
    {
        using var stranger = new HttpClient { BaseAddress = host.Address };

        using var answer = await stranger.PostAsync(address, Form(65 * 1024), Cancellation);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("El formulario es demasiado grande: como máximo 64 KB.",
            await answer.Content.ReadAsStringAsync(Cancellation));
        using var smaller = await stranger.PostAsync(address, Form(60 * 1024), Cancellation);
        Assert.NotEqual(HttpStatusCode.RequestEntityTooLarge, smaller.StatusCode);
        Assert.True(smaller.StatusCode < HttpStatusCode.InternalServerError, $"{smaller.StatusCode}");
    }

    // Such a body says its length only at its end.
    [Fact]
    public async Task Form_WithoutALength_IsReadUpToTheLimit()
    {
        using var line = await ConnectAsync();
        await line.SendAsync(
            ("POST /cuenta/entrar HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"u8
                + "Transfer-Encoding: chunked\r\n\r\n"u8).ToArray(),
            Cancellation);
        var chunk = Encoding.ASCII.GetBytes($"2000\r\n{new string('a', 0x2000)}\r\n");
        for (var sent = 0; sent < 12; sent++)
        {
            await line.SendAsync(chunk, Cancellation);
        }

        var answer = await ReadAsync(line);

        Assert.Matches("^HTTP/1.1 (303|4..) ", answer);
    }

    [Fact]
    public async Task Connections_MoreThanTheLimit_AreClosed()
    {
        var lines = new List<Socket>();
        try
        {
            for (var i = 0; i < Portal.Most + 10; i++)
            {
                lines.Add(await ConnectAsync());
            }

            var answers = new List<string>();
            foreach (var line in lines)
            {
                answers.Add(await AskAsync(line));
            }

            Assert.InRange(answers.Count(a => a.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)), 1, Portal.Most);
            Assert.True(answers.Count(a => a.Length == 0) >= 10, string.Join('|', answers));
        }
        finally
        {
            lines.ForEach(line => line.Dispose());
        }

        // They count no longer.
        await Eventually.HoldsAsync(
            "there is room again", async () =>
            {
                using var line = await ConnectAsync();
                return (await AskAsync(line)).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
            }, Cancellation);
    }

    private static StringContent Form(int bytes) =>
        new("x=" + new string('a', bytes - 2), Encoding.ASCII, "application/x-www-form-urlencoded");

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host.Address.Host, host.Address.Port, Cancellation);
        return socket;
    }

    private static async Task<string> AskAsync(Socket line)
    {
        try
        {
            await line.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancellation);
            return await ReadAsync(line);
        }
        catch (SocketException)
        {
            return "";
        }
    }

    private static async Task<string> ReadAsync(Socket line)
    {
        var buffer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await line.ReceiveAsync(buffer, Cancellation));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    /// <summary>A portal with few connections.</summary>
    public sealed class Portal(PostgresServer server) : PortalHost(server)
    {
        public const int Most = 20;

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Limits:Connections", $"{Most}");
        }
    }
}
