using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Components.Transport;

/// <summary>
/// With a certificate, no other host can set the cookies, and the browser remembers to use encryption.
/// </summary>
public sealed class EncryptedTests(EncryptedTests.Encrypted host, Chromium chromium)
    : IClassFixture<EncryptedTests.Encrypted>
{
    [Fact]
    public async Task Cookies_OverTls_AreSecureAndOfThisHostOnly()
    {
        var browser = await chromium.StartAsync(TestContext.Current.CancellationToken);
        await using var context =
            await browser.NewContextAsync(
            new() { BaseURL = host.Address.ToString(), IgnoreHTTPSErrors = true, ColorScheme = ColorScheme.Dark });
        var page = await context.NewPageAsync();
        await page.GotoAsync(PortalUrls.SignIn);
        await page.Locator("html[data-theme=dark]").WaitForAsync();
        await page.Locator(".language-button").ClickAsync();
        await page.Locator("html[lang=en]").WaitForAsync();
        await page.Locator("#email").FillAsync(PortalHost.AdministratorEmail);
        await page.Locator("#password").FillAsync(PortalHost.AdministratorPassword);
        await page.Locator("button.primary").ClickAsync();
        await page.Locator(".shell[data-ready] h1").First.WaitForAsync();

        var cookies = await context.CookiesAsync();

        Assert.Equal(
            ["__Host-.AspNetCore.Culture", "__Host-vigia.antiforgery", "__Host-vigia.device",
                "__Host-vigia.staff", "__Host-vigia.theme"],
            cookies.Select(cookie => cookie.Name).Order(StringComparer.Ordinal));
        Assert.All(cookies, cookie =>
            Assert.True(cookie.Secure && cookie.Path == "/"
            && cookie.SameSite is SameSiteAttribute.Lax or SameSiteAttribute.Strict, cookie.Name));
        Assert.True(cookies.Single(cookie => cookie.Name == "__Host-vigia.staff").HttpOnly);

        // Under its plain name, which another host or an unencrypted connection could have set, the cookie gives no
        // access.
        var staff = cookies.Single(cookie => cookie.Name == "__Host-vigia.staff");
        await context.ClearCookiesAsync(new() { Name = staff.Name });
        await context.AddCookiesAsync(
            [new Microsoft.Playwright.Cookie { Name = "vigia.staff", Value = staff.Value,
            Url = host.Address.ToString() }]);
        await page.GotoAsync(PortalUrls.Panel);
        await page.Locator("#email").WaitForAsync();
    }

    [Fact]
    public async Task Hsts_OverTls_IsSent()
    {
        using var handler =
            new HttpClientHandler
            {
                ServerCertificateCustomValidationCallback =
            HttpClientHandler.DangerousAcceptAnyServerCertificateValidator
            };
        using var client = new HttpClient(handler) { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, PortalUrls.SignIn);
        request.Headers.Host = "portal.vigia.test";

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(["max-age=31536000"], answer.Headers.GetValues("Strict-Transport-Security"));
        Assert.DoesNotContain(
            "form-notice", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    public sealed class Encrypted(PostgresServer server) : PortalHost(server)
    {
        /// <summary>Creates a self-signed certificate that is valid from now on.</summary>
        internal static X509Certificate2 NewCertificate()
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest(
                "CN=portal.vigia.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var made = request.CreateSelfSigned(
                DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        }

        protected override void Listen()
        {
            var certificate = NewCertificate();
            UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        }
    }
}
