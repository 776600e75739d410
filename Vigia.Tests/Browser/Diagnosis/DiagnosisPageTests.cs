using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Tenancy;
using Vigia.Portal;
using Vigia.Tests.Diagnosis;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Diagnosis;

/// <summary>The page that says why a request does or does not reach a tenant's database.</summary>
public sealed class DiagnosisPageTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task Diagnose_AsSupport_ShowsWhatEachPartSaysAndCopiesIt()
    {
        var name = PortalTenants.NewName("llega");
        var id = await Host.ReadyTenantAsync(name);
        await KnownAsync(name);
        var page = await SignedInAsync(PortalUrls.Panel, email: await Host.SupportAsync());
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.Locator(".side-menu").GetByRole(AriaRole.Link, new() { Name = "Diagnóstico" }).ClickAsync();
        await page.GetByLabel("Host o dirección").FillAsync($"https://{name}.vigia.example/casos");
        await page.GetByLabel("Subdominio o cabecera X-Tenant").FillAsync($"X-Tenant: {name}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Diagnosticar" }).ClickAsync();

        await Expect(page.GetByText("La petición llega a su base de datos.")).ToBeVisibleAsync();
        await Expect(page.GetByText("200 reaches")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = $"Cliente {name}" }))
            .ToHaveAttributeAsync("href", PortalUrls.Tenant(id));
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Copiar todo" }).ClickAsync();
        await Expect(page.GetByText("Copiado", new() { Exact = true })).ToBeVisibleAsync();
        var copied = await page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        Assert.Contains("La petición llega a su base de datos.", copied, StringComparison.Ordinal);
        Assert.Contains($"vigia_{name}", copied, StringComparison.Ordinal);
        Assert.Matches("Código de seguimiento: [0-9a-f]{32}", copied);
    }

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task Diagnose_TokenThatIsRefused_IsForgotten(string language, bool dark, int width)
    {
        var name = PortalTenants.NewName("ajeno");
        await Host.ReadyTenantAsync(name);
        await KnownAsync(name);
        var page = await SignedInAsync(PortalUrls.Diagnosis, new Look(language, dark, width));
        var token = UserTokens.Make(
            "a secret of another installation, also long", name, DateTimeOffset.UtcNow.AddHours(8));
        await page.Locator("#diagnose-host").FillAsync($"{name}.vigia.example");
        await page.Locator("#diagnose-token").FillAsync($"Bearer {token}");

        await page.Locator("main form button[type=submit]").ClickAsync();

        await Expect(page.GetByText("401 not_authenticated")).ToBeVisibleAsync();
        await Expect(page.Locator("#diagnose-token")).ToHaveValueAsync("");
        var kept = await page.ContentAsync()
            + await page.EvaluateAsync<string>("() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage)");
        Assert.DoesNotContain(token.Split('.')[2], kept, StringComparison.Ordinal);
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task Diagnose_NothingGiven_SaysSoAtTheField()
    {
        var page = await SignedInAsync(PortalUrls.Diagnosis);

        await page.GetByRole(AriaRole.Button, new() { Name = "Diagnosticar" }).ClickAsync();

        await Expect(page.GetByText("Pegue un host, un subdominio o un token.")).ToBeVisibleAsync();
    }

    private Task KnownAsync(string name) => Eventually.HoldsAsync(
        "the catalogue knows it", () => Task.FromResult(
            Host.Services.GetRequiredService<TenantResolver>().Resolve(new(name, null, null)).Refusal
                == TenantRefusal.None), Cancellation);
}
