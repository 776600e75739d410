using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.SignIn;

/// <summary>
/// A portal that is open by an IP address, as after the default start, offers no passkey and says why.
/// </summary>
public sealed class PasskeyByAddressTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private const string Why = "Las claves de acceso no sirven en una dirección IP: abra el portal por su nombre.";

    [Fact]
    public async Task MyAccount_OpenedByIpAddress_ExplainsThatPasskeysNeedTheName()
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
    public async Task SignIn_OpenedByIpAddress_OffersNoPasskey()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignIn);
        await Expect(page.Locator("#password")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-passkey-sign-in]")).ToBeHiddenAsync();
        await Expect(page.GetByText(Why)).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await page.GotoAsync(VirtualAuthenticator.At(Host, PortalUrls.SignIn));

        await Expect(page.Locator("[data-passkey-sign-in]")).ToBeVisibleAsync();
        await Expect(page.GetByText(Why)).ToBeHiddenAsync();
    }

    [Fact]
    public async Task SignatureAndLock_OpenedByIpAddress_ExplainThatPasskeysNeedTheName()
    {
        var member = await Host.AddStaffAsync("Nora Operadora", StaffRoles.Operator);
        await Host.Services.GetRequiredService<OwnPasskeys>().AddAsync(
            SecondFactorPages.ActorOf(member, StaffRoles.Operator), TestPasskey.Create("Llave").Info, "Llave",
            SecondFactorPages.Password, TestContext.Current.CancellationToken);
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignInAndReturn(PortalUrls.MyAccount));
        await page.TypePasswordAsync(member.Email!);
        await DrawnAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Quitar «Llave»" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByText(Why)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");

        await page.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();
        await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Bloquear ahora" }).ClickAsync(),
            response => response.Url.EndsWith("/bloquear", StringComparison.Ordinal));
        await Expect(page.Locator("#lock").GetByText(Why)).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("[data-locked-return]")).ToBeVisibleAsync();
        await Expect(page.GetByText(Why)).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task PasskeyOptions_OpenedByIpAddress_AreRefusedBeforeThePasswordIsChecked()
    {
        Expected.Add("403");
        var page = await SignedInAsync(PortalUrls.MyAccount);

        var answer = await page.EvaluateAsync<string>(
            "async () => (await window.vigia.passkeys.add('Mi llave', 'no-es-la-clave')).error");

        Assert.StartsWith("Una clave de acceso pertenece a un nombre", answer, StringComparison.Ordinal);
    }
}
