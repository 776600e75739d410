using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Shared;

/// <summary>
/// Date fields in a browser whose own language is the other one: a day is read and shown in the order of the portal's
/// language.
/// </summary>
public sealed class DateFieldTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    private const string Address = "/auditoria?desde=2031-02-03";

    [Theory]
    [InlineData("es-PE", "en-US", "03/02/2031", "04/05/2031")]
    [InlineData("en", "es-PE", "3 Feb 2031", "4 May 2031")]
    public async Task DateField_BrowserInAnotherLanguage_UsesTheOrderOfTheLanguage(
        string language, string browser, string shown, string typed)
    {
        var page = await SignedInAsync(Address, new Look(language, Dark: false, 1440) { BrowserLanguage = browser });
        await Expect(page.Locator("#audit-from")).ToHaveValueAsync(shown);

        // Typed key by key: an English date has spaces.
        await page.Locator("#audit-to").PressSequentiallyAsync(typed);
        await page.Keyboard.PressAsync("Enter");

        await Expect(page).ToHaveURLAsync(new Regex("desde=2031-02-03&hasta=2031-05-04$"));
        await Expect(page.Locator("#audit-to")).ToHaveValueAsync(typed);
        await Expect(page.Locator("#audit-from")).ToHaveValueAsync(shown);
    }

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task DateField_CalendarByKeyboard_ChoosesADay(string language, bool dark, int width)
    {
        var page = await SignedInAsync(Address, new Look(language, dark, width));
        var english = language == "en";
        var button = page.GetByRole(AriaRole.Button, new() { Name = english ? "Calendar: From" : "Calendario: Desde" });
        if (width < 720)
        {
            await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Filt(ers|ros)") }).ClickAsync();
        }

        await button.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var calendar = page.GetByRole(AriaRole.Dialog, new() { Name = english ? "From" : "Desde" });
        await Expect(calendar).ToBeVisibleAsync();
        await Expect(button).ToHaveAttributeAsync("aria-expanded", "true");
        await Expect(calendar).ToContainTextAsync(english ? "February 2031" : "febrero de 2031");
        await AssertAccessibleAsync(page);
        await AssertFitsNowAsync(page);

        await page.Keyboard.PressAsync("Shift+ArrowRight");
        await Expect(calendar).ToContainTextAsync(english ? "March 2031" : "marzo de 2031");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page).ToHaveURLAsync(new Regex("desde=2031-03-03$"));
        await Expect(page.Locator("#audit-from")).ToHaveValueAsync(english ? "3 Mar 2031" : "03/03/2031");
        await Expect(calendar).ToBeHiddenAsync();
        await Expect(button).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(calendar).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(calendar).ToBeHiddenAsync();
        Assert.EndsWith("desde=2031-03-03", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DateField_NotADate_KeepsTextAndErrorUntilCorrected()
    {
        var page = await SignedInAsync(Address);
        var from = page.Locator("#audit-from");
        await from.FillAsync("30/02/2031");
        await page.Keyboard.PressAsync("Tab");
        await Expect(from).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(from).ToHaveAccessibleDescriptionAsync("Escriba una fecha que exista, por ejemplo 31/12/2026.");
        Assert.EndsWith(Address, page.Url, StringComparison.Ordinal);
        await AssertAccessibleAsync(page);

        // Another filter does not take it away either.
        await page.GetByLabel("Solo firmados").CheckAsync();
        await Expect(page).ToHaveURLAsync(new Regex("firmados=1$"));
        await Expect(from).ToHaveValueAsync("30/02/2031");
        await Expect(from).ToHaveAttributeAsync("aria-invalid", "true");

        await from.FillAsync("28/02/2031");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex("desde=2031-02-28"));
        await Expect(from).ToHaveAttributeAsync("aria-invalid", "false");
        await from.FillAsync("");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new Regex("/auditoria\\?firmados=1$"));
    }
}
