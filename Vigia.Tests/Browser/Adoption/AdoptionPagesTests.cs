using Microsoft.Playwright;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Adoption;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Adoption;

/// <summary>The pages on which a person adopts databases.</summary>
public sealed class AdoptionPagesTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
    IClassFixture<PortalHost>
{
    [Fact]
    public async Task Tenant_OfTheProduct_IsAdoptedConfirmedAndCompletedOnItsPage()
    {
        await using var database = await ProductDatabase.CreateAsync(Host.Postgres, ProductDatabase.Tables);
        var name = PortalTenants.NewName("producto");
        int id;
        await using (var session = await PostgresServer.OpenAsync(Host.Master, Cancellation))
        await using (var command = new Npgsql.NpgsqlCommand($"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, db_name)
            VALUES ('{Rucs.Next(82_345)}', 'Producto {name}', '{name}', 'a@b.pe', '{database.Name}') RETURNING id
            """, session))
        {
            id = (int)(await command.ExecuteScalarAsync(Cancellation))!;
        }

        var page = await SignedInAsync(PortalUrls.Tenant(id), new Look("es", false, 1280));
        var dialog = page.GetByRole(AriaRole.Dialog);
        await page.GetByRole(AriaRole.Button, new() { Name = "Incorporar" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync($"GRANT \"{database.Owner}\"");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Incorporar" })).ToBeDisabledAsync();
        await AssertAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancelar" }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Incorporar" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("Se puede incorporar.");
        await dialog.GetByLabel("Copia de seguridad externa").FillAsync("Copia del 1/12");
        await dialog.GetByLabel("El producto conserva el rol").CheckAsync();
        await dialog.Locator("#adopt-password").FillAsync(PortalHost.AdministratorPassword);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Incorporar" }).ClickAsync();

        var notice = page.Locator(".notice").Filter(new() { HasText = "Sin auditoría propia, sin control de límites" });
        await Expect(notice).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await notice.GetByRole(AriaRole.Button, new() { Name = "Confirmar" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Confirmar" }).ClickAsync();
        await notice.GetByRole(AriaRole.Button, new() { Name = "Completar" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("users.users_record");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Completar" }).ClickAsync();
        await Expect(notice).ToHaveCountAsync(0, new() { Timeout = 30_000 });
    }

    [Fact]
    public async Task Page_DatabaseWithoutATenant_IsLookedAtAndRegistered()
    {
        await using var database = await ProductDatabase.CreateAsync(Host.Postgres, ProductDatabase.Tables);
        await database.AsSuperuserAsync($"GRANT {database.Owner} TO {PostgresServer.PortalRole}");
        var name = PortalTenants.NewName("suelta");
        var page = await SignedInAsync(PortalUrls.AdoptTenant, new Look("es", false, 1280));

        await page.Locator("#db_name").FillAsync(database.Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revisar", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Se puede incorporar.")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await page.Locator("#ruc").FillAsync(Rucs.Next(82_346));
        await page.Locator("#razon_social").FillAsync("Suelta S.A.C.");
        await page.Locator("#subdominio").FillAsync(name);
        await page.Locator("#correo_acceso").FillAsync("admin@producto.pe");
        await page.Locator("#new-backup").FillAsync("Copia del 1/12");
        await page.Locator("#new-owner").CheckAsync();
        await page.Locator("#new-password").FillAsync(PortalHost.AdministratorPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Incorporar", Exact = true }).ClickAsync();

        await Expect(page.GetByText("Sin auditoría propia, sin control de límites"))
            .ToBeVisibleAsync(new() { Timeout = 30_000 });
    }
}
