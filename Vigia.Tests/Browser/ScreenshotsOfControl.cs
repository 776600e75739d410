using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Browser.Approvals;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Pictures of audited actions and of requests that wait for a second person.</summary>
/// <inheritdoc cref="Screenshots"/>
public sealed class ScreenshotsOfControl(TwoPersonHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<TwoPersonHost>
{
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Take(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var suffix = Screenshots.Suffix(look);
        var (asked, purged) = (await AskedAsync(), await PurgedAsync());
        var page = await SignedInAsync(PortalUrls.Approvals, look, TwoPersonHost.SecondEmail);
        await Expect(page.GetByRole(AriaRole.Article).First).ToBeVisibleAsync();
        await Expect(page.Locator(".mud-skeleton")).ToHaveCountAsync(0);
        await Screenshots.SaveAsync(page, $"aprobaciones-{suffix}");

        await page.GotoAsync(PortalUrls.Audit);
        await page.Locator(".audit-table button").First.ClickAsync();
        await Expect(page.Locator(".audit-detail")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"auditoria-{suffix}");
        await page.Locator(".page-actions button").First.ClickAsync();
        await page.Locator(".card button").First.ClickAsync();
        await Expect(page.Locator(".audit-verdict")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"auditoria-verificar-{suffix}");
        await page.GotoAsync(PortalUrls.AuditPrint);
        await Screenshots.SaveAsync(page, $"auditoria-imprimir-{suffix}");
        await page.GotoAsync($"{PortalUrls.Tenant(asked)}?seccion=auditoria");
        await Expect(page.Locator(".audit-table")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"cliente-auditoria-{suffix}");
        await page.GotoAsync(PortalUrls.Tenant(purged));
        await Expect(page.Locator(".audit-table")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"cliente-eliminado-{suffix}");
    }

    private async Task<int> AskedAsync()
    {
        var name = PortalTenants.NewName("laboratorio");
        var tenant = await Host.ReadyTenantAsync(name);
        await Host.DeleteAsync(tenant, name);
        return tenant;
    }

    private async Task<int> PurgedAsync()
    {
        var name = PortalTenants.NewName("prueba");
        var tenant = await Host.ReadyTenantAsync(name, TenantEnvironments.Demo);
        await using var scope = Host.Scope();
        await Host.ReachAsync(await scope.ServiceProvider.GetRequiredService<TenantDeletion>().DeleteAsync(
            await Host.AdministratorAsync(), tenant,
            new DeletionRequest(name, "Terminó la prueba", PortalHost.AdministratorPassword, 0), Cancellation),
            OperationState.Succeeded);
        return tenant;
    }
}
