using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Sessions;

/// <summary>
/// The passkey of its person opens a locked session as the password does. Another person's passkey does not.
/// </summary>
public sealed class PasskeyUnlockTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    protected override bool SignsInEachTime => true;

    private const string Refused = "La clave de acceso no se pudo comprobar.";

    [Fact]
    public async Task Unlock_ByPasskey_OpensEveryTabAndKeepsTheForm()
    {
        var (page, device, member) = await WithDeviceAsync(PortalUrls.NewTenant, "Berta Operadora");
        await page.Locator("#razon_social").FillAsync("Secretos del Rival S.A.C.");
        await page.SetViewportSizeAsync(1000, 420);
        await page.EvaluateAsync("scrollTo(0, 150)");
        var list = await page.Context.NewPageAsync();
        await list.GotoAsync(VirtualAuthenticator.At(Host, $"{PortalUrls.Tenants}?q=nadie"));
        await DrawnAsync(list);

        // The passkey was added after the page was loaded. The page learns of it when it locks.
        await device.GiveAsync(Host, member, StaffRoles.Operator);
        await LockAsync(page);
        await Expect(list.Locator("#lock")).ToBeVisibleAsync();
        await Expect(list.Locator("#lock-passkey")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await page.Locator("#lock-passkey button").ClickAsync();

        await Expect(page.Locator("#lock")).ToBeHiddenAsync();
        await Expect(list.Locator("#lock")).ToBeHiddenAsync();
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("Secretos del Rival S.A.C.");
        await HoldsAsync(page, "scrollY === 150");
        await page.Locator("#razon_social").FillAsync("Otra Razón S.A.C.");
        await Expect(page.Locator("#subdominio")).ToHaveValueAsync("otra-razon");
        Assert.EndsWith("?q=nadie", list.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 1440)]
    [InlineData(true, 360)]
    public async Task UnlockPage_ByPasskey_LeadsToTheRequestedPage(bool dark, int width)
    {
        var (page, device, member) =
            await WithDeviceAsync(PortalUrls.Panel, "Carla Operadora", new Look("es-PE", dark, width));
        await device.GiveAsync(Host, member, StaffRoles.Operator);
        await LockAsync(page);
        await Expect(page.Locator("#lock-passkey")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);

        await page.GotoAsync(VirtualAuthenticator.At(Host, $"{PortalUrls.Tenants}?q=nadie"));
        await Expect(page.Locator("[data-passkey-unlock] button")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await page.Locator("[data-passkey-unlock] button").ClickAsync();

        await DrawnAsync(page);
        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape($"{PortalUrls.Tenants}?q=nadie") + "$"));
    }

    [Fact]
    public async Task Unlock_PasskeyOfAnotherPerson_IsRefusedAndCounted()
    {
        var (page, device, member) = await WithDeviceAsync(PortalUrls.Panel, "Dora Operadora");
        var before = await WrongTriesAsync();
        var own = await device.GiveAsync(Host, member, StaffRoles.Operator);
        await LockAsync(page);
        await device.ForgetAsync();
        await device.GiveAsync(
            Host, await Host.AddStaffAsync("Raquel Rival", StaffRoles.Administrator), StaffRoles.Administrator);

        // The portal asks only for Dora's passkey. A person at the computer can remove that condition.
        await page.RouteAsync("**/cuenta/sesion/clave", async route =>
        {
            var answer = JsonNode.Parse(await (await route.FetchAsync()).TextAsync())!;
            answer["options"]!["allowCredentials"] = new JsonArray();
            await route.FulfillAsync(
                new() { Status = 200, ContentType = "application/json", Body = answer.ToJsonString() });
        });
        await page.Locator("#lock-passkey button").ClickAsync();
        await Expect(page.Locator("#lock-passkey [role=alert]")).ToHaveTextAsync(Refused);
        Assert.Equal(before + 1, await WrongTriesAsync());

        await page.ReloadAsync();
        await page.Locator("[data-passkey-unlock] button").ClickAsync();
        await Expect(page.Locator("[data-passkey-unlock] [role=alert]")).ToHaveTextAsync(Refused);
        await AssertAccessibleAsync(page);
        Assert.Equal(before + 2, await WrongTriesAsync());

        await page.UnrouteAllAsync();
        await device.ForgetAsync();
        await device.HoldAsync(own, member.Id);
        await page.Locator("[data-passkey-unlock] button").ClickAsync();
        await DrawnAsync(page);
        Assert.Equal(before + 2, await WrongTriesAsync());
    }

    [Fact]
    public async Task Unlock_DeviceGivesNoPasskey_SaysSoAndAcceptsThePassword()
    {
        var (page, device, member) = await WithDeviceAsync(PortalUrls.Panel, "Elsa Operadora");
        var before = await WrongTriesAsync();
        await device.GiveAsync(Host, member, StaffRoles.Operator);
        await device.VerifyAsync(there: false);
        await LockAsync(page);
        await page.Locator("#lock-passkey button").ClickAsync();

        await Expect(page.Locator("#lock-passkey [role=alert]"))
            .ToContainTextAsync("El dispositivo no dio ninguna clave de acceso.");
        await Expect(page.Locator("#lock-passkey button")).ToBeFocusedAsync();
        Assert.Equal(before, await WrongTriesAsync());
        await page.Locator("#lock-password").FillAsync(SecondFactorPages.Password);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#lock")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Unlock_PersonWithoutAPasskey_OffersNone()
    {
        var (page, _, _) = await WithDeviceAsync(PortalUrls.Panel, "Fabia Operadora");
        await LockAsync(page);
        await Expect(page.Locator("#lock-passkey")).ToBeHiddenAsync();

        await page.ReloadAsync();
        await Expect(page.Locator("[data-locked-return]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-passkey-unlock]")).ToHaveCountAsync(0);
        Assert.Equal("locked null", await page.EvaluateAsync<string>(
            """
            async () => {
              const token = document.querySelector("input[name='__RequestVerificationToken']").value;
              const answer = await (await fetch("/cuenta/sesion/clave", {
                method: "POST",
                body: new URLSearchParams({}),
                headers: { RequestVerificationToken: token },
              })).json();
              return `${answer.state} ${answer.options}`;
            }
            """));
        Assert.Equal(400, (await page.APIRequest.PostAsync(
            VirtualAuthenticator.At(Host, "/cuenta/sesion/clave"))).Status);
    }

    private async Task<(IPage Page, VirtualAuthenticator Device, StaffMember Member)> WithDeviceAsync(
        string path, string name, Look? look = null)
    {
        var member = await Host.AddStaffAsync(name, StaffRoles.Operator);
        var page = await NewPageAsync(look);
        await page.Context.AddCookiesAsync(
            [new Cookie { Name = "vigia.theme", Value = look?.Dark == true ? "dark" : "light",
            Url = VirtualAuthenticator.At(Host, "/") }]);
        var device = await VirtualAuthenticator.AttachAsync(page);
        await page.GotoAsync(VirtualAuthenticator.At(Host, PortalUrls.SignInAndReturn(path)));
        await page.TypePasswordAsync(member.Email!);
        await DrawnAsync(page);
        return (page, device, member);
    }

    private static async Task LockAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();
        await page.RunAndWaitForResponseAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Bloquear ahora" }).ClickAsync(),
            response => response.Url.EndsWith("/bloquear", StringComparison.Ordinal));
        await Expect(page.Locator("#lock")).ToBeVisibleAsync();
    }

    private async Task<int> WrongTriesAsync()
    {
        var count = 0;
        await Host.InMasterAsync(
            async db => count = await db.Set<SignInTry>().SumAsync(t => t.Failures, Cancellation));
        return count;
    }
}
