using Microsoft.Playwright;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Tenants;

/// <summary>
/// A change of plan says what happens to the limits, and the limits of a tenant beside those of its plan.
/// </summary>
public sealed class PlanChangeTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Edit_AnotherPlan_FillsTheLimitsAndShowsTheOldOnes()
    {
        var (page, tenant) = await EditingAsync("plan");

        await page.GetByLabel("Plan").SelectOptionAsync("profesional");

        await Expect(page.GetByText(
            "usuarios: 8 → 20 · establecimientos: 1 → 5 · comprobantes: 500 → 3,000")).ToBeVisibleAsync();
        await Expect(page.Locator("#max_usuarios")).ToHaveValueAsync("20");
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).First).ToBeVisibleAsync();
        Assert.Equal(("profesional", 20L, 5L, 3_000L), await LimitsAsync(tenant));
        await Expect(page.GetByText("Los límites no son los del plan")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Edit_AnotherPlanKeepingTheLimits_PageSaysThatTheyDiffer()
    {
        var (page, tenant) = await EditingAsync("conserva");
        await page.GetByLabel("Plan").SelectOptionAsync("profesional");
        await page.GetByText("Conservar los actuales").ClickAsync();

        await Expect(page.GetByText("Los límites quedan como están.")).ToBeVisibleAsync();
        await Expect(page.Locator("#max_usuarios")).ToHaveValueAsync("8");

        // The draft of a tab that was reloaded keeps the choice.
        await page.ReloadAsync();
        await Expect(page.Locator("#max_usuarios")).ToHaveValueAsync("8");
        await page.GetByRole(AriaRole.Button, new() { Name = "Guardar" }).ClickAsync();
        await Expect(page.GetByText("Los límites no son los del plan Profesional:"
            + " usuarios: 8 (plan: 20) · establecimientos: 1 (plan: 5) · comprobantes: 500 (plan: 3,000)"))
            .ToBeVisibleAsync();
        Assert.Equal(("profesional", 8L, 1L, 500L), await LimitsAsync(tenant));
    }

    // A draft holds what was typed: the plan alone still brings its limits.
    [Fact]
    public async Task Edit_DraftOfAPlan_RestoresItsLimits()
    {
        var (page, _) = await EditingAsync("borrador");
        await page.GetByLabel("Plan").SelectOptionAsync("profesional");
        await Expect(page.Locator("#max_usuarios")).ToHaveValueAsync("20");

        await page.ReloadAsync();

        await Expect(page.Locator("#max_usuarios")).ToHaveValueAsync("20");
        await Expect(page.GetByText("usuarios: 8 → 20")).ToBeVisibleAsync();
    }

    private async Task<(IPage Page, int Tenant)> EditingAsync(string stem)
    {
        var (tenant, _) = await Host.RegisterAsync(PortalTenants.NewName(stem), provision: false);
        await PostgresServer.ExecuteAsync(
            Host.Master,
            $"""
            UPDATE clientes_saas SET plan = 'basico', limitar_emision = true, max_usuarios = 8,
                max_establecimientos = 1, max_comprobantes = 500
            WHERE id = {tenant}
            """, Cancellation);
        var page = await SignedInAsync(PortalUrls.Tenant(tenant));
        await page.GetByRole(AriaRole.Button, new() { Name = "Editar" }).First.ClickAsync();
        return (page, tenant);
    }

    private async Task<(string? Plan, long? Users, long? Establishments, long? Documents)> LimitsAsync(int tenant)
    {
        await using var scope = Host.Scope();
        var search = (TenantSearch)scope.ServiceProvider.GetService(typeof(TenantSearch))!;
        var row = (await search.GetAsync(await Host.AdministratorAsync(), tenant, Cancellation)).View!.Row;
        return (row.Plan, row.MaxUsers, row.MaxEstablishments, row.MaxDocuments);
    }
}
