using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>The filter of a list or the text of a search changes.</summary>
public sealed class ListLateAnswerTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Filter_EarlierAnswerIsLate_ListMatchesTheAddress(bool isDrawnBefore)
    {
        var (one, two, three) = (Host.Tenants[0], Host.Tenants[1], Host.Tenants[2]);
        (string Title, string Before, string After, string Shows, string DoesNot)[] lists =
        [
            ("Clientes", $"{PortalUrls.Tenants}?q={one.Name}", $"{PortalUrls.Tenants}?q={three.Name}", three.Name,
                one.Name),
            ("Bases de datos", $"{PortalUrls.Databases}?q={one.Name}", $"{PortalUrls.Databases}?q={three.Name}",
                three.Name, one.Name),
            (
                "Operaciones", $"{PortalUrls.Operations}?estado=failed", $"{PortalUrls.Operations}?estado=succeeded",
                three.Name, "Nada coincide"),
            ("Auditoría", $"{PortalUrls.Audit}?cliente={one.Id}", $"{PortalUrls.Audit}?cliente={three.Id}", three.Name,
                one.Name),
            (
                "Equipo", $"{PortalUrls.Team}?seccion=permisos&fecha=2020-01-01T00:00",
                $"{PortalUrls.Team}?seccion=permisos",
                "Administrador", "2020"),
        ];
        var page = await InListAsync();
        await page.Locator("#list-search").FillAsync(two.Name);
        await Expect(page).ToHaveURLAsync(new Regex(two.Name));
        foreach (var (title, before, after, shows, doesNot) in lists)
        {
            if (isDrawnBefore)
            {
                await GoAsync(page, before.Split('?')[0]);
                await Expect(page.Locator("main h1")).ToHaveTextAsync(title);
                await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
            }
            else
            {
                // The portal has just looked up the session, which it remembers for a second. Otherwise this look-up
                // would be held back, and the next list would wait for it.
                await GoAsync(page, PortalUrls.NewTenant);
                await Expect(page.Locator("main h1")).ToHaveTextAsync("Nuevo cliente");
                await Expect(page.Locator("main .skeleton")).ToHaveCountAsync(0);
            }

            Host.Answers.HoldAnswers();
            await GoAsync(page, before);
            if (!isDrawnBefore)
            {
                await AskedAsync();
            }

            Host.Answers.HoldNoMore();
            await GoAsync(page, after);

            // The team's page opens with the list of people, whose answer is held back for both addresses.
            if (isDrawnBefore || title != "Equipo")
            {
                await Expect(page.Locator("main")).ToContainTextAsync(shows);
            }

            await ReleaseAsync(page);

            await Expect(page.Locator("main")).ToContainTextAsync(shows);
            await Expect(page.Locator("main")).Not.ToContainTextAsync(doesNot);
            // Back at the list that is shown, before the answer for another one has come.
            Host.Answers.HoldAnswers();
            await GoAsync(page, before);
            await AskedAsync();
            await GoAsync(page, after);
            await ReleaseAsync(page);
            await Expect(page.Locator("main")).ToContainTextAsync(shows);
            await Expect(page.Locator("main")).Not.ToContainTextAsync(doesNot);
            if (after.StartsWith(PortalUrls.Tenants, StringComparison.Ordinal))
            {
                await Expect(page.Locator("#list-search")).ToHaveValueAsync(three.Name);
            }
        }
    }

    [Fact]
    public async Task ChooseAll_FilterChangedMeanwhile_SelectsNobody()
    {
        var page = await InListAsync();
        await GoAsync(page, $"{PortalUrls.Tenants}?entorno=demo");
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(20);
        await page.Locator("#select-page").CheckAsync();
        Host.Answers.HoldAnswers();
        await page.GetByRole(AriaRole.Button, new() { Name = "que coinciden" }).ClickAsync();
        await AskedAsync();
        Host.Answers.HoldNoMore();
        await GoAsync(page, $"{PortalUrls.Tenants}?entorno=produccion");
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(Host.Tenants.Count);

        await ReleaseAsync(page);

        await Expect(page.Locator(".selection-bar")).ToHaveCountAsync(0);
        await GoAsync(page, $"{PortalUrls.Tenants}?entorno=demo");
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(20);
        await Expect(page.Locator(".selection-bar")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Search_EnterBeforeTheAnswer_OpensTheResultOfTheTypedText()
    {
        var page = await InListAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.Locator("#global-search").FillAsync(Host.Tenants[0].Name);
        await Expect(page.Locator("[role=option]")).ToHaveCountAsync(1);
        Host.Answers.HoldAnswers();
        await page.Locator("#global-search").FillAsync(Host.Tenants[2].Name);
        await page.Keyboard.PressAsync("Enter");
        await AskedAsync();

        Host.Answers.Release();

        await AssertShowsAsync(page, Host.Tenants[2], Host.Tenants);
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        // The same on a page where tenants are chosen one by one.
        await GoAsync(page, PortalUrls.Team);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invitar", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("^Auditor\\b") }).CheckAsync();
        await page.Locator("#access-limited").CheckAsync();
        await page.Locator("#choose-tenants").FillAsync(Host.Tenants[0].Name);
        await Expect(page.Locator(".chooser-hits li")).ToHaveCountAsync(1);
        Host.Answers.HoldAnswers();
        await page.Locator("#choose-tenants").FillAsync(Host.Tenants[2].Name);
        await page.Keyboard.PressAsync("Enter");
        await AskedAsync();
        Host.Answers.Release();
        await Expect(page.Locator(".chips li")).ToContainTextAsync(Host.Tenants[2].Name);
    }
}
