using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.SignIn;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Approvals;

/// <summary>A portal where moving to the trash needs a second person.</summary>
public sealed class TwoPersonHost(PostgresServer server) : PortalHost(server)
{
    public const string SecondEmail = "benito.rojas@vigia.example";

    protected override async Task FillAsync()
    {
        await using var scope = Scope();
        await scope.ServiceProvider.GetRequiredService<StaffAccounts>()
            .CreateAsync("Benito Rojas", SecondEmail, AdministratorPassword, StaffRoles.Administrator,
            TestContext.Current.CancellationToken);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.UseSetting("Approvals:HardDelete", "true");
    }
}

/// <summary>Two people delete one tenant.</summary>
public sealed class ApprovalPageTests(TwoPersonHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<TwoPersonHost>
{
    [Fact]
    public async Task Delete_ApprovedByASecondPerson_GoesToTheTrash()
    {
        var (name, tenant, first) = await AskedAsync("dos");
        await Expect(first.GetByText("Espera la aprobación de otra persona")).ToBeVisibleAsync();
        await Expect(first.GetByText("Mover a la papelera: Espera la aprobación")).ToBeVisibleAsync();
        await Expect(first.Locator(".stepper")).ToHaveCountAsync(0);
        await Expect(first.GetByRole(AriaRole.Link, new() { Name = "Revisar en Aprobaciones" })).ToHaveCountAsync(0);
        await first.GotoAsync("/aprobaciones");
        await Expect(first.GetByText("Usted lo pidió")).ToBeVisibleAsync();
        await Expect(first.GetByRole(AriaRole.Button, new() { Name = "Aprobar…" })).ToHaveCountAsync(0);

        var second = await SignedInAsync($"/clientes/{tenant}", email: TwoPersonHost.SecondEmail);
        await second.GetByRole(AriaRole.Link, new() { Name = "Revisar en Aprobaciones" }).ClickAsync();
        await Expect(second.Locator(".menu-count")).ToBeVisibleAsync();
        var card = second.GetByRole(AriaRole.Article).Filter(new() { HasText = name });
        await Expect(card).ToContainTextAsync("Fin de contrato");
        await Expect(card).ToContainTextAsync("Usuarios");
        await AssertAccessibleAsync(second);
        await AssertFitsAsync(second);
        await card.GetByRole(AriaRole.Button, new() { Name = "Aprobar…" }).ClickAsync();
        await second.GetByLabel("Su contraseña").FillAsync("equivocada");
        await second.GetByRole(AriaRole.Button, new() { Name = "Aprobar y mover a la papelera" }).ClickAsync();
        await Expect(second.GetByLabel("Su contraseña")).ToHaveAttributeAsync("aria-invalid", "true");
        await second.GetByLabel("Su contraseña").FillAsync(PortalHost.AdministratorPassword);
        await second.GetByRole(AriaRole.Button, new() { Name = "Aprobar y mover a la papelera" }).ClickAsync();
        await Expect(card).ToHaveCountAsync(0);

        await first.GotoAsync($"/clientes/{tenant}");
        await Expect(first.GetByText("papelera").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Delete_Refused_ChangesNothingAndSaysWhy()
    {
        var (name, tenant, first) = await AskedAsync("no");
        var second = await SignedInAsync("/aprobaciones", email: TwoPersonHost.SecondEmail);
        await second.GetByRole(AriaRole.Article).Filter(new() { HasText = name })
            .GetByRole(AriaRole.Button, new() { Name = "Rechazar" }).ClickAsync();
        await second.GetByRole(AriaRole.Textbox, new() { Name = "Motivo" }).FillAsync("Aún debe cerrar sus casos");
        await second.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Rechazar" }).ClickAsync();
        await Expect(second.GetByRole(AriaRole.Table, new() { Name = "Decididas hace poco" }).GetByRole(AriaRole.Row)
            .Filter(new() { HasText = name })).ToContainTextAsync("Rechazada · Benito Rojas");

        await first.GotoAsync($"/clientes/{tenant}?seccion=operaciones");
        await first.GetByRole(AriaRole.Link, new() { Name = "Mover a la papelera" }).First.ClickAsync();
        await Expect(first.GetByText("Benito Rojas lo rechazó: Aún debe cerrar sus casos").First).ToBeVisibleAsync();
    }

    private async Task<(string Name, int Tenant, IPage First)> AskedAsync(string stem)
    {
        var name = PortalTenants.NewName(stem);
        var tenant = await Host.ReadyTenantAsync(name);
        var page = await SignedInAsync($"/clientes/{tenant}?seccion=peligro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" }).First.ClickAsync();
        await Expect(page.GetByText("Otro administrador debe aprobarlo")).ToBeVisibleAsync();
        await page.Locator("#delete-confirm").FillAsync(name);
        await page.Locator("#delete-reason").FillAsync("Fin de contrato");
        await page.Locator("#delete-password").FillAsync(PortalHost.AdministratorPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pedir que vaya a la papelera" }).ClickAsync();
        return (name, tenant, page);
    }
}
