using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.MyAccount;

/// <summary>A person's name: the first administrator's from the settings, and one's own on Mi cuenta.</summary>
public sealed class ProfileTests(ProfileTests.NamedAdministrator host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<ProfileTests.NamedAdministrator>
{
    private const string NamedInTheSettings = "Ana Torres Núñez";

    [Fact]
    public async Task FirstAdministrator_WithANameInTheSettings_HasThatName()
    {
        var page = await SignedInAsync(PortalUrls.MyAccount);

        await Expect(page.Locator("#name-title + dl")).ToContainTextAsync(NamedInTheSettings);
        Assert.Equal(NamedInTheSettings, (await Host.AdministratorAsync()).Name);
    }

    [Fact]
    public async Task OwnName_ChangedWithThePassword_IsShownEverywhereAndRecorded()
    {
        var member = await Host.AddStaffAsync("Berta Operadora", StaffRoles.Operator);
        var page = await SignedInAsync(
            PortalUrls.MyAccount, email: member.Email!, password: SecondFactorPages.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar mi nombre" }).ClickAsync();
        await AssertAccessibleAsync(page);
        var name = page.GetByLabel("Su nombre y apellidos");
        await name.FillAsync("Berta a medias");
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Expect(page.GetByText("Recuperamos lo que escribió a las")).ToBeVisibleAsync();
        await Expect(name).ToHaveValueAsync("Berta a medias");
        await page.Locator(".side-menu a").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Seguir escribiendo" }).ClickAsync();
        await name.FillAsync($" {NamedInTheSettings.ToUpperInvariant()} ");
        await page.Locator("#name-password").FillAsync(SecondFactorPages.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar el nombre" }).ClickAsync();
        await Expect(name).ToHaveAccessibleDescriptionAsync(new System.Text.RegularExpressions.Regex("Otra persona"));
        await name.FillAsync("Berta Quispe");
        await page.Locator("#name-password").FillAsync("no-es-la-suya");
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar el nombre" }).ClickAsync();
        await Expect(page.Locator("#name-password")).ToHaveAccessibleDescriptionAsync("La contraseña no es la suya.");

        await page.Locator("#name-password").FillAsync(SecondFactorPages.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar el nombre" }).ClickAsync();

        await Expect(page.Locator("#name-title + dl")).ToContainTextAsync("Berta Quispe");
        await page.GotoAsync(PortalUrls.MyAccount);
        await Expect(page.Locator(".person-menu strong")).ToHaveTextAsync("Berta Quispe");
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        var record = await db.Set<AuditEvent>().SingleAsync(e => e.Action == "staff.own_name_changed", Cancellation);
        Assert.Equal(("Berta Operadora", "password"), (record.ActorName, record.SignedWith));
        var trail = await SignedInAsync($"{PortalUrls.Audit}?accion=staff.own_name_changed");
        await Expect(trail.GetByText("cambió su propio nombre: el nombre de Berta Operadora a Berta Quispe"))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task ForgottenPassword_LinkOnTheSignInPage_ExplainsWhatToDo()
    {
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignIn);
        await page.GetByRole(AriaRole.Link, new() { Name = "¿Olvidó su contraseña?" }).ClickAsync();

        await Expect(page.GetByText("Pida un enlace a un administrador del portal.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Vigia.Portal recover-administrator su@correo")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Ir a la entrada" }).ClickAsync();
        await Expect(page.Locator("#password")).ToBeVisibleAsync();
    }

    public sealed class NamedAdministrator(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("PORTAL_ADMIN_NAME", NamedInTheSettings);
        }
    }
}
