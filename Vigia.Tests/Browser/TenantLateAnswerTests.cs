using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>A tenant's page becomes the next tenant's page.</summary>
public sealed class TenantLateAnswerTests(LateAnswerHost host, Chromium chromium) : LateAnswerTest(host, chromium)
{
    private static readonly string?[] Sections = [null, "base", "operaciones", "auditoria", "configuracion", "peligro"];

    [Fact]
    public async Task Next_LateAnswers_EverySectionMatchesTheAddress()
    {
        var (one, two, three) = (Host.Tenants[0], Host.Tenants[1], Host.Tenants[2]);
        var page = await InListAsync();
        foreach (var section in Sections)
        {
            await GoAsync(page, Address(one, section));
            await AssertShowsAsync(page, one, Host.Tenants);

            Host.Answers.HoldAnswers();
            await NextAsync(page, two, section);
            await Expect(page.Locator("main")).Not.ToContainTextAsync(one.Name);
            Host.Answers.HoldNoMore();
            await NextAsync(page, three, section);
            await AssertShowsAsync(page, three, Host.Tenants);
            await ReleaseAsync(page);

            await AssertShowsAsync(page, three, Host.Tenants);
            await Expect(page).ToHaveTitleAsync(new Regex(three.Name));
            if (section is null)
            {
                await page.GetByRole(AriaRole.Button, new() { Name = "Suspender" }).ClickAsync();
                await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(three.Name);
                await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancelar" })
                    .ClickAsync();
                await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
            }
        }
    }

    [Fact]
    public async Task Next_LateFiguresOfOneTenant_AreNotShownForTheNext()
    {
        var page = await InListAsync();
        await GoAsync(page, Address(Host.Tenants[0], null));
        await Expect(Users(page)).ToHaveTextAsync("1");
        Host.Answers.HoldAnswers(Host.Tenants[1].Database);
        await NextAsync(page, Host.Tenants[1], null);
        await page.GetByRole(AriaRole.Button, new() { Name = "Medir ahora" }).ClickAsync();
        await AskedAsync();
        Host.Answers.HoldNoMore();
        await NextAsync(page, Host.Tenants[2], null);
        await Expect(Users(page)).ToHaveTextAsync("3");

        await ReleaseAsync(page);

        await Expect(Users(page)).ToHaveTextAsync("3");
    }

    [Fact]
    public async Task Next_UnsavedConfiguration_AsksAndNeverReachesTheNextTenant()
    {
        var (one, two) = (Host.Tenants[0], Host.Tenants[1]);
        var page = await InListAsync();
        await GoAsync(page, Address(one, "configuracion"));
        await page.Locator("#config").FillAsync("{\"idioma\": \"qu\"}");

        await LeaveAsync(page, two, "configuracion");
        await Expect(page.Locator("#config")).ToHaveValueAsync("{}");
        await SaveAsync(page);
        await Expect(page.GetByText("No había cambios que guardar.")).ToBeVisibleAsync();
        Assert.Equal(("{}", "{}"), (await ReadAsync(one, "config"), await ReadAsync(two, "config")));

        // The draft that the person discarded is gone.
        await page.GetByRole(AriaRole.Link, new() { Name = "Anterior" }).ClickAsync();
        await AssertShowsAsync(page, one, Host.Tenants);
        await Expect(page.Locator("#config")).ToHaveValueAsync("{}");
        await Expect(page.GetByText("Recuperamos lo que escribió")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Next_UnsavedEditor_AsksAndNeverReachesTheNextTenant()
    {
        var (two, three) = (Host.Tenants[1], Host.Tenants[2]);
        var contact = await ReadAsync(three, "contacto_nombre");
        var page = await InListAsync();
        await GoAsync(page, Address(two, null));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await page.Locator("#contacto_nombre").FillAsync("Contacto de Beta");
        await page.Locator("#max_usuarios").FillAsync("77");

        // A person who stays on the page finds the form unchanged.
        await page.Locator($"nav.neighbours a[href='{Address(three, null)}']").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Seguir escribiendo" }).ClickAsync();
        await Expect(page.Locator("#contacto_nombre")).ToHaveValueAsync("Contacto de Beta");
        await Expect(page).ToHaveURLAsync(new Regex(Address(two, null) + "$"));

        await LeaveAsync(page, three, null);
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).ClickAsync();
        await Expect(page.Locator("#contacto_nombre")).ToHaveValueAsync(contact ?? "");
        await SaveAsync(page);
        await Expect(page.GetByText("No había cambios que guardar.")).ToBeVisibleAsync();
        Assert.Equal(contact, await ReadAsync(three, "contacto_nombre"));
        Assert.NotEqual("77", await ReadAsync(two, "max_usuarios"));
    }

    [Fact]
    public async Task Back_OpenDialogWithText_ChangesNeitherTenant()
    {
        var (one, two) = (Host.Tenants[0], Host.Tenants[1]);
        var page = await InListAsync();
        var records = await RecordsAsync();
        foreach (var (section, button) in new[] { (null, "Suspender"), ("peligro", "Dar de baja"),
            ("base", "Rotar credencial") })
        {
            await GoAsync(page, Address(one, section));
            await NextAsync(page, two, section);
            await AssertShowsAsync(page, two, Host.Tenants);
            var dialog = page.GetByRole(AriaRole.Dialog);
            await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = button }).First.ClickAsync();
            await Expect(dialog).ToContainTextAsync(two.Name);
            await dialog.Locator("textarea").FillAsync("Por error");

            await page.GoBackAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Seguir escribiendo" }).ClickAsync();
            await Expect(dialog.Locator("textarea")).ToHaveValueAsync("Por error");
            await page.GoBackAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Salir sin guardar" }).ClickAsync();

            await AssertShowsAsync(page, one, Host.Tenants);
            await Expect(dialog).ToHaveCountAsync(0);
            await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = button }).First.ClickAsync();
            await Expect(dialog).ToContainTextAsync(one.Name);
            await Expect(dialog.Locator("textarea")).ToHaveValueAsync("");
            await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
            await Expect(dialog).ToHaveCountAsync(0);
        }

        Assert.Equal(records, await RecordsAsync());
    }

    [Fact]
    public async Task Next_RunningActions_FinishAndRefusalsNameTheTenant()
    {
        var (one, two) = (Host.Tenants[0], Host.Tenants[1]);
        var page = await InListAsync();
        await GoAsync(page, Address(one, "base"));
        await AssertShowsAsync(page, one, Host.Tenants);
        Host.Answers.HoldAnswers();
        await page.GetByRole(AriaRole.Button, new() { Name = "Probar ahora" }).ClickAsync();
        await NextAsync(page, two, "base");
        await Expect(page.Locator("main")).Not.ToContainTextAsync(one.Name);

        await ReleaseAsync(page);

        var proofs = "SELECT count(*) FROM portal.operations "
            + $"WHERE kind = 'prove_isolation' AND tenant_id = {one.Id} AND state = 'succeeded'";
        await Eventually.HoldsAsync(
            "the isolation is proved", async () => await ScalarAsync(proofs) is 1L, Cancellation);

        await GoAsync(page, Address(one, "peligro"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" }).ClickAsync();
        await page.Locator("#delete-confirm").FillAsync(one.Name);
        await page.Locator("#delete-reason").FillAsync("Por error");
        await page.Locator("#delete-password").FillAsync("no-es-la-suya");
        var delete = page.GetByRole(AriaRole.Dialog)
            .GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" });
        await Expect(delete).ToBeEnabledAsync();
        Host.Answers.HoldAnswers();
        await page.Locator("#delete-password").PressAsync("Enter");
        await AskedAsync();
        await GoAsync(page, Address(two, "peligro"));
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        await ReleaseAsync(page);

        await Expect(page.Locator(".mud-snackbar", new() { HasText = ": La contraseña no es la suya." }))
            .ToContainTextAsync(one.Name);
    }

    private static async Task LeaveAsync(IPage page, LateAnswerHost.Subject next, string? section)
    {
        var address = Address(next, section);
        await page.Locator($"nav.neighbours a[href='{address}']").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Salir sin guardar" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(address) + "$"));
        await AssertShowsAsync(page, next, [next]);
    }
}
