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

    /// <summary>Section, how the form is opened, what is typed where, and the button.</summary>
    public static TheoryData<string, string?, string, string, string> Forms => new()
    {
        { "cliente", "Editar", "#contacto_nombre", "Contacto tecleado", "Guardar cambios" },
        { "configuracion", null, "#config", "{\"idioma\": \"es\"}", "Guardar cambios" },
        { "cliente", "Suspender", "#confirm-text", "No pagó dos cuotas", "Suspender cliente" },
        { "peligro", "Corregir RUC", "#ruc-reason", "Se tecleó mal", "Corregir RUC" },
        { "equipo", "Invitar", "#invite-name", "Julia Paz", "Crear la invitación" },
        { "mi-cuenta", null, "#new-password", "Otra-clave-larga-2026", "Cambiar la contraseña" },
        { "nuevo", null, "#contacto_nombre", "Contacto nuevo", "Registrar cliente" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Form_MasterAwayForAMoment_KeepsItsTextAndSaysSo(
        string place, string? opener, string field, string typed, string button)
    {
        Expected.Add("Failed to load resource");
        var page = await SignedInAsync(place switch
        {
            "cliente" => Address(Host.Tenants[1], null),
            "configuracion" or "peligro" => Address(Host.Tenants[1], place),
            "equipo" => PortalUrls.Team,
            "nuevo" => PortalUrls.NewTenant,
            _ => PortalUrls.MyAccount,
        });
        if (opener is not null)
        {
            await page.GetByRole(AriaRole.Button, new() { Name = opener }).First.ClickAsync();
        }

        await FillOthersAsync(page, place, field);
        await page.Locator(field).FillAsync(typed);
        await page.Locator(field).PressAsync("Tab");

        Host.Answers.Stop();
        await Form(page, field).Or(page.GetByRole(AriaRole.Dialog)).First.WaitForAsync();
        await Submit(page, button).ClickAsync();

        await Expect(page.Locator(".away-note")).ToContainTextAsync(AwayText);
        await Expect(page.Locator(field)).ToHaveValueAsync(typed);
        Host.Answers.Restart();
        await RoundTripAsync(page);
        await Expect(page.Locator(field)).ToHaveValueAsync(typed);
        await Expect(page.Locator("#blazor-error-ui")).Not.ToBeVisibleAsync();
        await Expect(page.Locator("main h1")).ToBeVisibleAsync();
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

    private static ILocator Form(IPage page, string field) => page.Locator($"form:has({field})");

    private static ILocator Submit(IPage page, string button) =>
        page.Locator(".mud-dialog, main form").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).Last;

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

    private static async Task FillOthersAsync(IPage page, string place, string field)
    {
        if (field == "#confirm-text")
        {
            await page.Locator("#confirm-reason").SelectOptionAsync("otro");
        }

        var others = (place, field) switch
        {
            ("peligro", _) => new[] { ("#right-ruc", Rucs.Next(7_800_001)) },
            ("equipo", _) =>
                [("#invite-email", "julia.paz@vigia.example"), ("#sign-password", PortalHost.AdministratorPassword)],
            ("mi-cuenta", _) =>
                [("#old-password", PortalHost.AdministratorPassword), ("#password-again", "Otra-clave-larga-2026")],
            ("nuevo", _) =>
            [
                ("#ruc", Rucs.Next(7_800_002)), ("#razon_social", "Sin Base S.A.C."),
                ("#subdominio", PortalTenants.NewName("sin-base")), ("#correo_acceso", "a@sinbase.pe"),
            ],
            _ => [],
        };
        foreach (var (id, text) in others)
        {
            await page.Locator(id).FillAsync(text);
        }

        if (place == "equipo")
        {
            await page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new("^Soporte") }).CheckAsync();
        }
    }
}
