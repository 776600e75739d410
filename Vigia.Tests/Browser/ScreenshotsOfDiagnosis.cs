using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Operations;
using Vigia.Core.Tenancy;
using Vigia.Portal;
using Vigia.Tests.Diagnosis;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Pictures of a diagnosis, and of a tenant that gets another sub-domain.</summary>
/// <inheritdoc cref="Screenshots"/>
public sealed class ScreenshotsOfDiagnosis(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Take(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var suffix = Screenshots.Suffix(look);
        var (old, name) = (PortalTenants.NewName("santa-rosa"), PortalTenants.NewName("botica-rosa"));
        var id = await Host.ReadyTenantAsync(old);
        var page = await SignedInAsync($"{PortalUrls.Tenant(id)}?seccion=peligro", look);
        await page.GetByRole(
            AriaRole.Button, new() { Name = language == "en" ? "Change sub-domain" : "Cambiar subdominio" })
            .ClickAsync();
        await Expect(page.Locator("#new-subdomain")).ToBeFocusedAsync();
        await page.Locator("#new-subdomain").FillAsync(name);
        await Expect(page.GetByText($"https://{name}.vigia.example")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"subdominio-{suffix}");
        await RenameAsync(id, name);
        await page.GotoAsync(PortalUrls.Tenant(id));
        await Expect(page.GetByText(old, new() { Exact = false }).First).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"cliente-renombrado-{suffix}");

        await page.GotoAsync(PortalUrls.Diagnosis);
        await page.Locator("#diagnose-host").FillAsync($"https://{name}.vigia.example/");
        await page.Locator("#diagnose-token").FillAsync(UserTokens.Make(
            "a-secret-key-for-tests-that-is-long-enough", old, DateTimeOffset.UtcNow.AddHours(2)));
        await page.Locator("main form button[type=submit]").ClickAsync();
        await Expect(page.GetByText("410 tenant_renamed")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"diagnostico-renombrado-{suffix}");
        await page.Locator("main form button[type=submit]").ClickAsync();
        await Expect(page.GetByText("200 reaches")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"diagnostico-llega-{suffix}");
        await page.EvaluateAsync(
            "scrollTo(0, scrollY + document.querySelector('#diagnosis-tenant').getBoundingClientRect().top - 90)");
        await Screenshots.SaveAsync(page, $"diagnostico-cliente-{suffix}");
    }

    private async Task RenameAsync(int id, string name)
    {
        await using var scope = Host.Scope();
        var operation = await scope.ServiceProvider.GetRequiredService<TenantRenaming>().RenameAsync(
            await Host.AdministratorAsync(), id, name, "La empresa cambió de nombre", Cancellation);
        await Host.ReachAsync(operation, OperationState.Succeeded);
        await Eventually.HoldsAsync("the catalogue knows it", () => Task.FromResult(
            Host.Services.GetRequiredService<TenantResolver>().Resolve(new(name, null, null)).Refusal
                == TenantRefusal.None), Cancellation);
    }
}
