using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Shared;

/// <summary>A sign-out removes the person's drafts from every tab.</summary>
public sealed class DraftsAndSignOutTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    protected override bool SignsInEachTime => true;

    [Fact]
    public async Task SignOut_InOneTab_RemovesTheDraftsOfAllTabs()
    {
        var typing = await SignedInAsync(PortalUrls.NewTenant);
        await typing.Locator("#razon_social").FillAsync("Laboratorios Secretos S.A.C.");
        Assert.NotEqual(0, await DraftsAsync(typing));
        var other = await typing.Context.NewPageAsync();
        await other.GotoAsync(PortalUrls.Tenants);
        await other.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();

        await other.GetByText("Cerrar sesión").ClickAsync();

        await Expect(other.Locator("#email")).ToBeVisibleAsync();
        await typing.WaitForFunctionAsync(
            "Object.keys(sessionStorage).every(key => !key.startsWith('draft'))");
    }

    [Fact]
    public async Task SessionEndedByAnother_DraftsAndNotices_ReturnToTheSamePersonOnly()
    {
        var (tenant, _) = await Host.RegisterAsync(PortalTenants.NewName("secreto"), provision: false);
        var olga = await Host.AddStaffAsync("Olga Operadora", StaffRoles.Operator);
        var page = await SignedInAsync(
            $"{PortalUrls.Tenant(tenant)}?seccion=configuracion", email: olga.Email!,
            password: SecondFactorPages.Password);
        await page.Locator("#config").FillAsync("{\"idioma\": \"es\"}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar cambios" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Avisos: 1 sin leer" })).ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.NewTenant);
        await DrawnAsync(page);
        await page.Locator("#razon_social").FillAsync("Laboratorios Secretos S.A.C.");

        await EndAsync(page, olga.Id);
        await SignInHereAsync(page, olga.Email!, SecondFactorPages.Password);
        Assert.NotEqual(0, await DraftsAsync(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Avisos", Exact = true }).ClickAsync();
        await Expect(page.Locator("#notice-list li")).ToHaveCountAsync(1);
        await EndAsync(page, olga.Id);
        await SignInHereAsync(page, PortalHost.AdministratorEmail, PortalHost.AdministratorPassword);

        Assert.Equal(0, await DraftsAsync(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Avisos", Exact = true }).ClickAsync();
        await Expect(page.Locator("#notice-list")).ToBeVisibleAsync();
        await Expect(page.Locator("#notice-list li")).ToHaveCountAsync(0);
        Assert.DoesNotContain(
            $"{olga.Id}", await page.EvaluateAsync<string>("JSON.stringify(sessionStorage)"), StringComparison.Ordinal);
    }

    private async Task EndAsync(IPage page, Guid person)
    {
        await Host.Services.GetRequiredService<StaffProtection>().EndSessionsAsync(
            await Host.AdministratorAsync(), person, null, Cancellation);
        await Expect(page.Locator("#email")).ToBeVisibleAsync();
    }

    private static async Task SignInHereAsync(IPage page, string email, string password)
    {
        await page.Locator("#email").FillAsync(email);
        await page.Locator("#password").FillAsync(password);
        await page.Locator("button.primary").ClickAsync();
        await DrawnAsync(page);
    }

    private static Task<int> DraftsAsync(IPage page) =>
        page.EvaluateAsync<int>("Object.keys(sessionStorage).filter(key => key.startsWith('draft')).length");
}
