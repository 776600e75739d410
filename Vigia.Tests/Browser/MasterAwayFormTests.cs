using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// The master is away while a form is open: the form says so beside its button and keeps what was typed, the frame
/// around it lives, and the same button works when the master is back.
/// </summary>
public sealed class MasterAwayFormTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    private const string AwayText = "La base maestra no responde en este momento. Lo que escribió sigue aquí.";

    /// <summary>
    /// The forms of each test. Each has a tab of its own, and the master goes away once for all of them: a form costs
    /// hardly more than opening it.
    /// </summary>
    public static TheoryData<string> Groups => ["cliente", "fin", "papelera", "equipo", "cuenta", "incorporar"];

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task Forms_MasterAwayForAMoment_KeepTheirTextAndSaySo(string group)
    {
        Expected.Add("Failed to load resource");
        await using var away = new AwayForms(Host);
        var forms = await away.OfAsync(group);
        IPage? first = null;
        var open = new List<(AwayForm Form, IPage Page)>();
        foreach (var form in forms)
        {
            var page = first is null ? await SignedInAsync(form.Address) : await first.Context.NewPageAsync();
            if (first is not null)
            {
                await page.GotoAsync(form.Address);
                await DrawnAsync(page);
            }

            first ??= page;
            await form.OpenAsync(page);
            await page.Locator(form.Field).FillAsync(form.Typed);
            await page.Locator(form.Field).PressAsync("Tab");
            await Expect(form.Submit(page)).ToBeEnabledAsync();
            open.Add((form, page));
        }

        Host.Answers.Stop();
        foreach (var (form, page) in open)
        {
            await page.BringToFrontAsync();
            await form.Submit(page).ClickAsync();
            await Expect(page.Locator(".away-note")).ToContainTextAsync(AwayText);
            await Expect(page.Locator(form.Field)).ToHaveValueAsync(form.Typed);
        }

        Host.Answers.Restart();
        foreach (var (form, page) in open)
        {
            await page.BringToFrontAsync();
            await RoundTripAsync(page);
            await Expect(page.Locator(form.Field)).ToHaveValueAsync(form.Typed);
            await Expect(page.Locator("#blazor-error-ui")).Not.ToBeVisibleAsync();
            await Expect(page.Locator("main h1")).ToBeVisibleAsync();
        }
    }

    // The answer is about what was sent, and what was pasted meanwhile is not it.
    [Fact]
    public async Task Diagnosis_FieldsChangedWhileItRuns_StayAndTheAnswerSaysSo()
    {
        var page = await SignedInAsync(PortalUrls.Diagnosis);
        await page.Locator("#diagnose-tenant").FillAsync(Host.Tenants[0].Name);
        await page.Locator("#diagnose-token").FillAsync("una.clave.vieja");
        Host.Answers.HoldAnswers();
        await page.GetByRole(AriaRole.Button, new() { Name = "Diagnosticar" }).ClickAsync();
        await AskedAsync();
        await page.Locator("#diagnose-tenant").FillAsync(Host.Tenants[1].Name);
        await page.Locator("#diagnose-token").FillAsync("una.clave.nueva");

        await ReleaseAsync(page);

        await Expect(page.Locator(".diagnosis")).ToContainTextAsync(Host.Tenants[0].Name);
        await Expect(page.Locator("#diagnosis-changed")).ToBeVisibleAsync();
        await Expect(page.Locator("#diagnose-token")).ToHaveValueAsync("una.clave.nueva");
        await page.GetByRole(AriaRole.Button, new() { Name = "Diagnosticar" }).ClickAsync();
        await Expect(page.Locator(".diagnosis")).ToContainTextAsync(Host.Tenants[1].Name);
        await Expect(page.Locator("#diagnose-token")).ToHaveValueAsync("");
        await Expect(page.Locator("#diagnosis-changed")).ToHaveCountAsync(0);
    }

    // A new filter is read outside of every handler.
    [Fact]
    public async Task List_SearchedWhileTheMasterIsAway_ShowsTheAnswerLater()
    {
        Expected.Add("Failed to load resource");
        var page = await SignedInAsync(PortalUrls.Tenants);
        await Expect(page.Locator(".table tbody tr")).Not.ToHaveCountAsync(0);
        Host.Answers.Stop();

        await page.Locator("#list-search").FillAsync("no hay tal");
        await Expect(page).ToHaveURLAsync(new Regex("q="));
        Host.Answers.Restart();

        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(0);
        await Expect(page.Locator("#list-search")).ToHaveValueAsync("no hay tal");
        await Expect(page.Locator("main h1")).ToHaveTextAsync("Clientes");
    }

    [Fact]
    public async Task Section_OpenedWhileTheMasterIsAway_PageKeepsItsText()
    {
        Expected.Add("Failed to load resource");
        var page = await SignedInAsync(PortalUrls.MyAccount);
        await page.Locator("#new-password").FillAsync("Otra-clave-larga-2026");
        Host.Answers.Stop();

        // The form asks for a signature, which looks for the person's passkeys first.
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar mi nombre" }).ClickAsync();

        await Expect(page.Locator("#own-name")).ToBeVisibleAsync();
        Host.Answers.Restart();
        await RoundTripAsync(page);
        await Expect(page.Locator("#new-password")).ToHaveValueAsync("Otra-clave-larga-2026");
        await Expect(page.Locator("#own-name")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Frame_MasterAwayWhileItReads_KeepsItsValueAndUpdatesLater()
    {
        Expected.Add("Failed to load resource");
        var page = await SignedInAsync(PortalUrls.Team);
        await Expect(page.Locator(".running")).ToBeAttachedAsync();
        Host.Answers.Stop();
        await Eventually.HoldsAsync(
            "the portal has lost its connections", () => Task.FromResult(Host.Answers.Open() == 0), Cancellation);
        Host.Answers.Restart();

        var name = PortalTenants.NewName("vuelve");
        await Eventually.HoldsAsync(
            "the master answers", async () => await TryRegisterAsync(name), Cancellation,
            TimeSpan.FromSeconds(60));

        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Avisos: ") }).ClickAsync();
        await Expect(page.Locator("#notice-list")).ToContainTextAsync(name, new() { Timeout = 60_000 });
        await Expect(page.Locator("#blazor-error-ui")).Not.ToBeVisibleAsync();
    }

    private async Task<bool> TryRegisterAsync(string name)
    {
        try
        {
            await Host.ReadyTenantAsync(name, TenantEnvironments.Demo);
            return true;
        }
        catch (Exception exception) when (TransientFailures.IsServerUnavailable(exception))
        {
            return false;
        }
    }
}
