using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>What was typed goes with its person, from every tab.</summary>
public sealed class DraftsAndSignOutTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    protected override bool SignsInEachTime => true;

    [Fact]
    public async Task SignOut_InOneTab_TakesTheDraftsOfTheOthers()
    {
        var typing = await SignedInAsync(PortalUrls.NewTenant);
        await typing.Locator("#razon_social").FillAsync("Laboratorios Secretos S.A.C.");
        Assert.NotEqual(0, await DraftsAsync(typing));
        var other = await typing.Context.NewPageAsync();
        await other.GotoAsync(PortalUrls.Tenants);
        await other.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();

        await other.GetByText("Cerrar sesión").ClickAsync();

        await Expect(other.Locator("#email")).ToBeVisibleAsync();
        await typing.WaitForFunctionAsync(
            "Object.keys(sessionStorage).every(key => !key.startsWith('draft'))");
    }

    private static Task<int> DraftsAsync(IPage page) =>
        page.EvaluateAsync<int>("Object.keys(sessionStorage).filter(key => key.startsWith('draft')).length");
}
