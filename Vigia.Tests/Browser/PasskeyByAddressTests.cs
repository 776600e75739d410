using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// A portal that is open by an IP address, as after the default start, offers no passkey and says why.
/// </summary>
public sealed class PasskeyByAddressTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task MyAccount_ByAnAddress_SaysWhyThereIsNoPasskey_AndLeadsToTheName()
    {
        var page = await SignedInAsync(PortalUrls.MyAccount);

        await Expect(page.GetByText("Una clave de acceso pertenece a un nombre")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Agregar una clave de acceso" }))
            .ToBeDisabledAsync();
        await Expect(page.GetByRole(
            AriaRole.Link, new() { Name = $"http://localhost:{Host.Address.Port}{PortalUrls.MyAccount}" }))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task SignIn_ByAnAddress_OffersNoPasskey_ByItsNameItDoes()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignIn);
        await Expect(page.Locator("#password")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-passkey-sign-in]")).ToBeHiddenAsync();

        await page.GotoAsync(VirtualAuthenticator.At(Host, PortalUrls.SignIn));

        await Expect(page.Locator("[data-passkey-sign-in]")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Options_ByAnAddress_AreRefusedBeforeAnyPasswordIsLookedAt()
    {
        Expected.Add("403");
        var page = await SignedInAsync(PortalUrls.MyAccount);

        var answer = await page.EvaluateAsync<string>(
            "async () => (await window.vigia.passkeys.add('Mi llave', 'no-es-la-clave')).error");

        Assert.StartsWith("Una clave de acceso pertenece a un nombre", answer, StringComparison.Ordinal);
    }
}
