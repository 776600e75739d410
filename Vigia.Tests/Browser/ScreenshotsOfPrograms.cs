using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Pictures of the accounts of programs, and of a database that is adopted.</summary>
/// <inheritdoc cref="Screenshots"/>
public sealed class ScreenshotsOfPrograms(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
    IClassFixture<PortalHost>
{
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Take(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var suffix = Screenshots.Suffix(look);
        await Host.AddStaffAsync("Bernardita Operadora de la Fuente", StaffRoles.Operator);
        var page = await SignedInAsync(PortalUrls.Team, look);
        await page.Locator("a[href*='cuentas-de-servicio']").First.ClickAsync();
        await DrawnAsync(page);
        await Screenshots.SaveAsync(page, $"cuentas-de-servicio-vacia-{suffix}");
        await page.Locator("main button.mud-button-filled").First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.Locator("#service-name").FillAsync($"backend-{Guid.NewGuid():n}"[..16]);
        await dialog.Locator("#service-purpose").FillAsync("Back end del producto: lee la conexión de cada cliente");
        await dialog.Locator("#service-owner-1").SelectOptionAsync(new SelectOptionValue { Index = 1 });
        await dialog.Locator("#service-owner-2").SelectOptionAsync(new SelectOptionValue { Index = 2 });
        await dialog.Locator("input[type=checkbox]").First.CheckAsync();
        await dialog.Locator("#service-networks").FillAsync("10.20.0.0/16\n2001:db8::/48");
        await Screenshots.SaveAsync(page, $"cuenta-de-servicio-nueva-{suffix}");
        await dialog.Locator("input[type=password]").FillAsync(PortalHost.AdministratorPassword);
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Expect(page.Locator("#token-shown-title")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"cuenta-de-servicio-token-{suffix}");
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Screenshots.SaveAsync(page, $"cuentas-de-servicio-{suffix}");

        await using var database = await ProductDatabase.CreateAsync(Host.Postgres, ProductDatabase.Tables);
        await page.GotoAsync(PortalUrls.AdoptTenant);
        await page.Locator("#db_name").FillAsync(database.Name);
        await page.Locator("main form button[type=submit]").ClickAsync();
        await Expect(page.GetByText("GRANT").First).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"incorporar-antes-{suffix}");
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");
        await page.Locator("main form button[type=submit]").ClickAsync();
        await Expect(page.Locator("#ruc")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"incorporar-{suffix}");
    }
}
