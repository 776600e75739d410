using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Vigia.Core.Postgres;
using Vigia.Portal;
using Vigia.Tests.Architecture;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Startup;

/// <summary>
/// The compose file with its proxy, for real. Explicit: it needs a Docker engine, docker-compose, and the images
/// vigia-portal, postgres:15 and caddy:2 (or <c>PROXY_IMAGE</c>). <c>VIGIA_COMPOSE_OVERRIDE</c> names one more compose
/// file for images that differ from the official ones; <c>VIGIA_COMPOSE_SUPERUSER_PASSWORD</c> the password that such a
/// postgres:15 has.
/// </summary>
public sealed partial class ComposeTests : IDisposable
{
    private const string Email = "ana.quispe@vigia.example";
    private readonly TestFolder _folder = TestFolder.Create();
    private readonly int _http = PostgresCluster.FreePort();
    private readonly int _https = PostgresCluster.FreePort();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact(Explicit = true)]
    public async Task TlsProfile_SignIn_IsSecureAndAddressesCanNotBeForged()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "deploy"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "script"));
        foreach (var file in new[] { "compose.yaml", "deploy/Caddyfile", "script/secrets" })
        {
            File.Copy(Path.Combine(SourceFiles.Root, file), Path.Combine(_folder.Path, file));
        }

        await RunAsync(Path.Combine(_folder.Path, "script/secrets"));
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Path, "secrets/portal_admin_password"), PortalHost.AdministratorPassword,
            Cancellation);
        if (Environment.GetEnvironmentVariable("VIGIA_COMPOSE_SUPERUSER_PASSWORD") is { Length: > 0 } password)
        {
            await File.WriteAllTextAsync(
                Path.Combine(_folder.Path, "secrets/postgres_password"), password, Cancellation);
        }

        // Signing in is what is looked at here, not the second factor.
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Path, "test.yaml"),
            "services:\n  portal:\n    environment:\n      Staff__RequireSecondFactor: None\n", Cancellation);
        try
        {
            await ComposeAsync("--profile", "tls", "up", "-d");
            using var browser = new HttpClient(new HttpClientHandler
            {
                AllowAutoRedirect = false, CookieContainer = new CookieContainer(),
                ServerCertificateCustomValidationCallback =
                    HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
            })
            { BaseAddress = new Uri($"https://localhost:{_https}") };
            await Eventually.HoldsAsync(
                "the portal is ready behind the proxy", async () =>
                {
                    try
                    {
                        using var ready = await browser.GetAsync("/health/ready", Cancellation);
                        return ready.IsSuccessStatusCode;
                    }
                    catch (HttpRequestException)
                    {
                        return false;
                    }
                }, Cancellation, TimeSpan.FromMinutes(3), every: TimeSpan.FromSeconds(1));

            using var plain = await browser.GetAsync(new Uri($"http://localhost:{_http}/"), Cancellation);
            Assert.Equal(HttpStatusCode.PermanentRedirect, plain.StatusCode);

            using var signedIn = await SignInAsync(browser);
            Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
            var cookie = Assert.Single(
                signedIn.Headers.GetValues("Set-Cookie"),
                c => c.StartsWith("__Host-vigia.staff=", StringComparison.Ordinal));
            Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
            using var circuit = await browser.PostAsync("/_blazor/negotiate?negotiateVersion=1", null, Cancellation);
            Assert.Equal(HttpStatusCode.OK, circuit.StatusCode);

            // The trail has the address that the proxy saw, and neither the proxy's nor the forged one.
            var addresses = await ComposeAsync(
                "exec", "-T", "db", "psql", "-h", "/var/run/postgresql", "-U", "postgres", "-At", "vigia_master", "-c",
                "SELECT DISTINCT actor_address FROM portal.audit_events WHERE actor_address IS NOT NULL");
            Assert.Equal(["172.29.250.1"], addresses.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            var stored = await ComposeAsync(
                "exec", "-T", "db", "psql", "-h", "/var/run/postgresql", "-U", "postgres", "-At", "-c",
                "SELECT rolpassword FROM pg_authid WHERE rolname = 'vigia_portal'");
            Assert.StartsWith("SCRAM-SHA-256$4096:", stored, StringComparison.Ordinal);

            await AssertConfinedAsync();
        }
        finally
        {
            await ComposeAsync("--profile", "tls", "down", "-v", "-t", "1");
        }
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient browser)
    {
        var form = await browser.GetStringAsync(PortalUrls.SignIn, Cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, PortalUrls.SignIn)
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = Field("_handler", form),
                ["__RequestVerificationToken"] = Field("__RequestVerificationToken", form),
                ["Input.Email"] = Email, ["Input.Password"] = PortalHost.AdministratorPassword,
            }),
        };
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        request.Headers.Add("X-Forwarded-Host", "evil.example");
        return await browser.SendAsync(request, Cancellation);
    }

    private async Task AssertConfinedAsync()
    {
        foreach (var service in new[] { "db", "portal", "proxy" })
        {
            var container = (await ComposeAsync("ps", "-q", service)).Trim();
            var confined = await RunAsync(
                "docker", "inspect", "-f",
                "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}", container);
            Assert.Equal("true [ALL] [no-new-privileges:true]", confined.Trim());
            var environment = await RunAsync("docker", "inspect", "-f", "{{.Config.Env}}", container);
            foreach (var secret in Directory.GetFiles(Path.Combine(_folder.Path, "secrets"))
                .Select(file => File.ReadAllText(file).Trim()).Where(value => value.Length > 8))
            {
                Assert.DoesNotContain(secret, environment, StringComparison.Ordinal);
            }
        }
    }

    private Task<string> ComposeAsync(params string[] arguments)
    {
        string[] files = Environment.GetEnvironmentVariable("VIGIA_COMPOSE_OVERRIDE") is { Length: > 0 } more
            ? ["-f", "compose.yaml", "-f", "test.yaml", "-f", more] : ["-f", "compose.yaml", "-f", "test.yaml"];
        return RunAsync("docker-compose", ["-p", "vigia-compose-test", .. files, .. arguments]);
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment =
            {
                ["PORTAL_ADMIN_EMAIL"] = Email, ["PORTAL_BASE_URL"] = "https://localhost", ["PROXY_TLS"] = "internal",
                ["PROXY_HTTP_PORT"] = $"{_http}", ["PROXY_HTTPS_PORT"] = $"{_https}",
            },
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(Cancellation),
            process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await errors}");
        return await output;
    }

    private static string Field(string name, string form) =>
        Value().Matches(form).First(m => m.Groups[1].Value == name).Groups[2].Value;

    [GeneratedRegex("name=\"([^\"]+)\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Value();
}
