using System.Net;
using Vigia.Portal;
using Vigia.Tests.Api;

namespace Vigia.Tests.Browser.Layout;

/// <summary>A browser must not translate a page: it would show the old state of what changes.</summary>
public sealed class TranslationTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData(PortalUrls.SignIn)]
    [InlineData(PortalUrls.Invitation)]
    [InlineData(PortalUrls.Error)]
    [InlineData(PortalUrls.ApiDocs)]
    [InlineData(PortalUrls.Tenants)]
    [InlineData(PortalUrls.AuditPrint)]
    [InlineData(PortalUrls.AccessDenied)]
    public async Task Page_OptsOutOfBrowserTranslation(string path)
    {
        using var browser = new BrowserSession(host);
        if (path != PortalUrls.SignIn)
        {
            await browser.SignInAsync(PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);
        }

        using var answer = await browser.GetAsync(path, ("Sec-Fetch-Site", "same-origin"));
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Matches("<html lang=\"es-PE\" translate=\"no\" class=\"notranslate\"", html);
        Assert.Matches("<meta name=\"google\" content=\"notranslate\" ?/?>", html);
    }
}
