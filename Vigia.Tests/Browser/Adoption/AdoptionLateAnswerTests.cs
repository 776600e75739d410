using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Adoption;

/// <summary>Values typed for one database are not signed for another, and a slow look loses nothing.</summary>
public sealed class AdoptionLateAnswerTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    private const string Possible = "Se puede incorporar.";
    private static readonly Regex Recovered = new(@"Recuperamos lo que escribió a las \d\d:\d\d");

    [Fact]
    public async Task Page_LookOfAnOlderName_IsNotShown()
    {
        await using var one = await MadeAsync();
        await using var two = await MadeAsync();
        var page = await SignedInAsync(PortalUrls.AdoptTenant);
        await page.Locator("#db_name").FillAsync(one.Name);
        Host.Answers.HoldAnswers(one.Name);
        await LookAsync(page);
        await AskedAsync();
        await page.Locator("#db_name").FillAsync(two.Name);

        await ReleaseAsync(page);

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Revisar", Exact = true })).ToBeEnabledAsync();
        await Expect(page.GetByText(Possible)).ToHaveCountAsync(0);
        await LookAsync(page);
        await Expect(page.Locator("dd.mono", new() { HasText = two.Name })).ToBeVisibleAsync();
        await Expect(page.Locator("dd.mono", new() { HasText = one.Name })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Page_TypedForOneDatabase_IsRestoredForItAndGoneForAnother()
    {
        await using var one = await MadeAsync();
        await using var two = await MadeAsync();
        var page = await SignedInAsync(PortalUrls.AdoptTenant);
        await page.Locator("#db_name").FillAsync(one.Name);
        await LookAsync(page);
        await page.Locator("#ruc").FillAsync("20123456786");
        await page.Locator("#new-backup").FillAsync("Copia de la primera");
        await page.Locator("#new-owner").CheckAsync();
        await RoundTripAsync(page);
        await page.ReloadAsync();
        await DrawnAsync(page);

        await Expect(page.GetByText(Recovered)).ToBeVisibleAsync();
        await Expect(page.Locator("#db_name")).ToHaveValueAsync(one.Name);
        await LookAsync(page);
        await Expect(page.Locator("#ruc")).ToHaveValueAsync("20123456786");
        await Expect(page.Locator("#new-backup")).ToHaveValueAsync("Copia de la primera");
        await Expect(page.Locator("#new-owner")).ToBeCheckedAsync();
        await page.Locator("#new-password").FillAsync("no se guarda");

        await page.Locator("#db_name").FillAsync(two.Name);
        await Expect(page.Locator("#ruc")).ToHaveCountAsync(0);
        await LookAsync(page);

        foreach (var field in new[] { "#ruc", "#new-backup", "#new-password" })
        {
            await Expect(page.Locator(field)).ToHaveValueAsync("");
        }

        await Expect(page.Locator("#new-owner")).Not.ToBeCheckedAsync();

        // The draft has them no more either.
        await RoundTripAsync(page);
        await page.ReloadAsync();
        await DrawnAsync(page);
        await LookAsync(page);
        await Expect(page.Locator("#ruc")).ToHaveValueAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Descartar" }).ClickAsync();
        await Expect(page.Locator("#db_name")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task Dialog_LookThatTakesLong_RestoresTheFieldsWhenTheyCome()
    {
        await using var database = await MadeAsync();
        var name = PortalTenants.NewName("lenta");
        var id = await ScalarAsync($"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, entorno, db_name)
            VALUES ('{Rucs.Next(82_350)}', 'Producto {name}', '{name}', 'a@b.pe', 'demo', '{database.Name}')
            RETURNING id
            """);
        var page = await SignedInAsync(PortalUrls.Tenant((int)id!));
        var note = page.GetByRole(AriaRole.Dialog).GetByText(Recovered);
        await page.GetByRole(AriaRole.Button, new() { Name = "Incorporar" }).ClickAsync();
        await page.Locator("#adopt-backup").FillAsync("Copia del 1/12");
        await RoundTripAsync(page);
        await page.ReloadAsync();
        await DrawnAsync(page);
        await page.Clock.InstallAsync();

        Host.Answers.HoldAnswers(database.Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Incorporar" }).ClickAsync();
        await AskedAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Clock.RunForAsync(10_000);
        await Expect(note).Not.ToBeVisibleAsync();
        await ReleaseAsync(page);

        await Expect(page.Locator("#adopt-backup")).ToHaveValueAsync("Copia del 1/12");
        await Expect(note).ToBeVisibleAsync();
    }

    private async Task<ProductDatabase> MadeAsync()
    {
        var database = await ProductDatabase.CreateAsync(Host.Postgres, ProductDatabase.Tables);
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");
        return database;
    }

    private static Task LookAsync(IPage page) =>
        page.GetByRole(AriaRole.Button, new() { Name = "Revisar", Exact = true }).ClickAsync();
}
