using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;
using Subject = Vigia.Tests.Browser.LateAnswerHost.Subject;

namespace Vigia.Tests.Browser;

/// <summary>The page of an operation or a person becomes the page of another one.</summary>
public sealed class PersonLateAnswerTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    [Fact]
    public async Task Navigation_ToAnotherOperationOrPerson_DropsLateAnswers()
    {
        var page = await SignedInAsync(PortalUrls.Operations);
        (string Path, string? Section, IReadOnlyList<Subject> All)[] kinds =
        [
            (PortalUrls.Operations, null, Host.Operations),
            (PortalUrls.Team, null, Host.Members),
            (PortalUrls.Team, "sesiones", Host.Members),
            (PortalUrls.Team, "historial", Host.Members),
            (PortalUrls.Team, "peligro", Host.Members),
        ];
        foreach (var (path, section, all) in kinds)
        {
            await GoAsync(page, Address(path, all[0], section));
            await AssertShowsAsync(page, all[0], all);
            Host.Answers.HoldAnswers();
            await GoAsync(page, Address(path, all[1], section));
            await Expect(page.Locator("main")).Not.ToContainTextAsync(all[0].Name);
            Host.Answers.HoldNoMore();
            await GoAsync(page, Address(path, all[2], section));
            await AssertShowsAsync(page, all[2], all);

            await ReleaseAsync(page);

            await AssertShowsAsync(page, all[2], all);
        }
    }

    [Fact]
    public async Task Dialog_ReadyAfterNavigation_DoesNotOpen()
    {
        var (one, two) = (Host.Members[0], Host.Members[1]);
        var page = await SignedInAsync(Address(PortalUrls.Team, one, "peligro"));
        foreach (var button in new[] { "Inhabilitar", "Quitar la verificación en dos pasos" })
        {
            await GoAsync(page, Address(PortalUrls.Team, one, "peligro"));
            await AssertShowsAsync(page, one, Host.Members);
            Host.Answers.HoldAnswers();
            await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
            await AskedAsync();
            Host.Answers.HoldNoMore();
            await GoAsync(page, Address(PortalUrls.Team, two, "peligro"));
            await AssertShowsAsync(page, two, Host.Members);

            await ReleaseAsync(page);

            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        }
    }

    [Fact]
    public async Task Dialog_LeftAfterSigning_IsCarriedOut()
    {
        var (two, three) = (Host.Members[1], Host.Members[2]);
        var page = await SignedInAsync(Address(PortalUrls.Team, three, "peligro"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Inhabilitar", Exact = true }).ClickAsync();
        await page.Locator("#confirm-text").FillAsync("Dejó la empresa");
        await page.Locator("#sign-password").FillAsync(PortalHost.AdministratorPassword);
        Host.Answers.HoldAnswers();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Inhabilitar" }).ClickAsync();
        await GoAsync(page, Address(PortalUrls.Team, two, "peligro"));
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await ReleaseAsync(page);

        await Eventually.HoldsAsync("the person is disabled", async () => await ScalarAsync(
            $"SELECT count(*) FROM portal.staff WHERE id = '{three.Id}' AND disabled_at IS NOT NULL") is 1L,
                Cancellation);
        await AssertShowsAsync(page, two, Host.Members);
    }
}
