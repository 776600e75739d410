using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.SignIn;

public sealed class SignInTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    protected override bool SignsInEachTime => true;

    [Fact]
    public async Task SignIn_RightPassword_OpensTheRequestedPage()
    {
        var page = await NewPageAsync();

        await page.GotoAsync("/?desde=enlace");
        await Expect(page).ToHaveURLAsync(
            new System.Text.RegularExpressions.Regex("/cuenta/entrar\\?returnUrl=%2F%3Fdesde%3Denlace$"));
        await page.GetByLabel("Correo").FillAsync(PortalHost.AdministratorEmail);
        await page.GetByLabel("Contraseña", new() { Exact = false }).First.FillAsync(PortalHost.AdministratorPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Entrar", Exact = true }).ClickAsync();

        await DrawnAsync(page);
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/\\?desde=enlace$"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Panel", Level = 1 })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData(PortalHost.AdministratorEmail, "no-es-la-de-ana")]
    [InlineData("nadie@vigia.example", PortalHost.AdministratorPassword)]
    [InlineData("'; drop table portal.staff; --", "x")]
    public async Task SignIn_WrongPasswordOrUnknownAddress_ShowsTheSameMessage(string email, string password)
    {
        var page = await NewPageAsync();

        await page.GotoAsync(PortalUrls.SignIn);
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(password);
        await page.Locator("button.primary").ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("El correo o la contraseña no coinciden.");
        await Expect(page.Locator("#email")).ToHaveValueAsync(email);
        await Expect(page.Locator("#password")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task SignIn_EmptyForm_ShowsAnErrorAtEachField()
    {
        var page = await NewPageAsync();

        await page.GotoAsync(PortalUrls.SignIn);
        await page.Locator("button.primary").ClickAsync();

        await Expect(page.Locator("#email")).ToHaveAccessibleDescriptionAsync("Escriba su correo.");
        await Expect(page.Locator("#password")).ToHaveAccessibleDescriptionAsync("Escriba su contraseña.");
        await AssertAccessibleAsync(page);
    }

    [Fact]
    public async Task SignOut_FromTheMenu_EndsTheSession()
    {
        var page = await SignedInAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();
        await page.GetByText("Cerrar sesión").ClickAsync();
        await Expect(page.Locator("#email")).ToBeVisibleAsync();
        await page.GotoAsync("/");

        await Expect(page.Locator("#email")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    public async Task SignIn_ReturnUrlOfAnotherSite_IsIgnored(string returnUrl)
    {
        var page = await SignedInAsync(returnUrl);

        Assert.Equal(Host.Address, new Uri(page.Url));
    }
}
