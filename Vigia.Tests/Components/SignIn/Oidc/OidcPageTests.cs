using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal;
using Vigia.Tests.Browser;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Components.SignIn.Oidc;

/// <summary>The identity provider in a real browser, on its own site.</summary>
public sealed class OidcPageTests(OidcHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<OidcHost>
{
    protected override bool SignsInEachTime => true;

    private const string ButtonName = $"Entrar con {OidcHost.ProviderName}";
    private static readonly LocatorAssertionsToHaveTextOptions Patient = new() { Timeout = 60_000 };

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task SignInPage_EveryLook_IsAccessible(string language, bool dark, int width)
    {
        var page = await NewPageAsync(new Look(language, dark, width));
        Expected.Add("403");
        foreach (var address in new[] { PortalUrls.SignIn, PortalUrls.Noting(PortalUrls.SignIn, "oidc_refused") })
        {
            await page.GotoAsync(address);
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = OidcHost.ProviderName })).ToBeVisibleAsync();
            await AssertAccessibleAsync(page);
            await AssertFitsAsync(page);
        }
    }

    [Fact]
    public async Task SignIn_ThroughTheProvider_OpensTheRequestedPage()
    {
        var member = await host.AddStaffAsync("Rosa Navegante", StaffRoles.Operator);
        host.Provider.Be("rosa", member.Email);
        host.Provider.ShowsPage = true;
        var page = await NewPageAsync();

        await page.GotoAsync($"{PortalUrls.Tenants}?estado=active");
        await page.GetByRole(AriaRole.Link, new() { Name = ButtonName }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Proveedor de pruebas" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Soy yo" }).ClickAsync();

        await DrawnAsync(page);
        await Expect(page).ToHaveURLAsync(new Regex(@"/clientes\?estado=active$"));
        Assert.Equal(["oidc"], await host.MethodsAsync(member.Id));
    }

    [Fact]
    public async Task Purge_SignedThroughTheProvider_IsRecordedAsSuch()
    {
        var subdomain = PortalTenants.NewName("firmada");
        var tenant = await Host.TrashedTenantAsync(subdomain, TenantEnvironments.Demo);
        var (member, page) = await InsideAsync("Petra Firmante", PortalUrls.Trash);
        await page.GetByRole(AriaRole.Button, new() { Name = $"Destruir Cliente {subdomain}" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await page.Locator("#purge-confirm").FillAsync(subdomain);
        await page.Locator("#purge-reason").FillAsync("La demo terminó");

        // The first attempt uses another account. It is refused, and the reason that was typed is still there.
        host.Provider.Be("not-petra", member.Email);
        host.Provider.ShowsPage = true;
        Expected.Add("403");
        await AnswerAsync(page, dialog);
        await Expect(dialog.Locator(".field-error"))
            .ToHaveTextAsync("Esa cuenta de empresa no es la que está vinculada a la suya.");
        await Expect(page.Locator("#purge-reason")).ToHaveValueAsync("La demo terminó");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Destruir" })).ToBeDisabledAsync();

        host.Provider.Be($"sub-{member.Id:n}", member.Email);
        host.Provider.ShowsPage = true;
        await AnswerAsync(page, dialog);
        await Expect(dialog.GetByText("Confirmado con la cuenta de su empresa.")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Destruir" }).ClickAsync();

        await Expect(page.Locator(".page-header .state-chip")).ToHaveTextAsync("Terminada", Patient);
        await Host.InMasterAsync(async db => Assert.Equal(
            ["oidc"], await db.Set<AuditEvent>()
                .Where(e => e.TenantId == tenant && e.ActorId == member.Id && e.SignedWith != null)
                .Select(e => e.SignedWith).ToListAsync(Cancellation)));
    }

    [Fact]
    public async Task Confirm_WindowClosed_NextClickAsksAgain()
    {
        var (member, page) = await InsideAsync("Cecilia Cierra", PortalUrls.MyAccount);
        host.Provider.ShowsPage = true;
        await page.GetByRole(AriaRole.Button, new() { Name = "Desvincular" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var closed = await OpenAsync(page, dialog);
        await closed.CloseAsync();
        await Expect(dialog.GetByText("Si la cerró, vuelva a pulsar.")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await AnswerAsync(page, dialog);
        await Expect(dialog.GetByText("Confirmado con la cuenta de su empresa.")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Desvincular" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Vincular", Exact = true })).ToBeVisibleAsync();

        // The matching address does not restore the link, because the person removed it.
        using var visitor = new OidcVisitor(Host.Address);
        host.Provider.ShowsPage = false;
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await visitor.SignInAsync()).Status);

        // The person links the account again.
        await page.GetByRole(AriaRole.Button, new() { Name = "Vincular", Exact = true }).ClickAsync();
        await dialog.Locator("#proof-password").FillAsync(SecondFactorPages.Password);
        await AssertAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Vincular", Exact = true }).ClickAsync();
        await Expect(page.GetByText($"Vinculada: {member.Email}")).ToBeVisibleAsync();
        Assert.Equal(System.Net.HttpStatusCode.OK, (await visitor.SignInAsync()).Status);
        Assert.Equal(
            ["staff.oidc_linked", "staff.signed_in", "staff.signed_in", "staff.oidc_unlinked", "staff.oidc_linked",
                "staff.signed_in"], await host.ActionsAsync(member.Id));
    }

    [Fact]
    public async Task Link_AccountOfAnotherPerson_IsRefused()
    {
        var other = await host.LinkedAsync("Otra Dueña", StaffRoles.Operator);
        var member = await host.AddStaffAsync("Quiere Vincular", StaffRoles.Operator);
        var page = await SignedInAsync(
            PortalUrls.MyAccount, email: member.Email!, password: SecondFactorPages.Password);
        host.Provider.Be($"sub-{other.Id:n}", other.Email);

        await page.GetByRole(AriaRole.Button, new() { Name = "Vincular", Exact = true }).ClickAsync();
        await page.Locator("#proof-password").FillAsync(SecondFactorPages.Password);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Vincular", Exact = true })
            .ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "está vinculada a otra persona" }))
            .ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.GotoAsync(PortalUrls.OidcLinkWith(Confirmations.Prefix + "forged"));
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Esa confirmación ya no sirve" }))
            .ToBeVisibleAsync();
        Assert.DoesNotContain("staff.oidc_linked", await host.ActionsAsync(member.Id));
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Pictures(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var member = await host.LinkedAsync("Felicia Retrato", StaffRoles.Operator);
        Expected.Add("403");
        var page = await NewPageAsync(look);
        await page.GotoAsync(PortalUrls.SignIn);
        await Screenshots.SaveAsync(page, $"entrar-empresa-{Screenshots.Suffix(look)}");
        await page.GotoAsync(PortalUrls.Noting(PortalUrls.SignIn, "oidc_refused"));
        await Screenshots.SaveAsync(page, $"entrar-empresa-no-{Screenshots.Suffix(look)}");
        await page.GotoAsync(PortalUrls.SignInAndReturn(PortalUrls.MyAccount));
        await page.GetByRole(AriaRole.Link, new() { Name = OidcHost.ProviderName }).ClickAsync();
        await DrawnAsync(page);
        await page.Locator("#oidc-title").ScrollIntoViewIfNeededAsync();
        await Screenshots.SaveAsync(page, $"mi-cuenta-empresa-{Screenshots.Suffix(look)}");
        await page.Locator("section:has(#oidc-title) button").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Locator("[data-oidc-confirm]").WaitForAsync();
        await Screenshots.SaveAsync(page, $"firmar-empresa-{Screenshots.Suffix(look)}");
        host.Provider.Be("nobody", member.Email);
        await page.GotoAsync($"{PortalUrls.OidcConfirmed}?aviso=oidc_other");
        await Screenshots.SaveAsync(page, $"confirmar-empresa-no-{Screenshots.Suffix(look)}");
    }

    private async Task<(StaffMember Member, IPage Page)> InsideAsync(string name, string path)
    {
        var member = await host.LinkedAsync(name, StaffRoles.Administrator);
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignInAndReturn(path));
        await page.GetByRole(AriaRole.Link, new() { Name = ButtonName }).ClickAsync();
        await DrawnAsync(page);
        return (member, page);
    }

    private static Task<IPage> OpenAsync(IPage page, ILocator dialog) =>
        page.Context.RunAndWaitForPageAsync(
            () => dialog.GetByRole(AriaRole.Button, new() { Name = $"Confirmar con {OidcHost.ProviderName}" })
            .ClickAsync());

    // Opens the window, signs in there, and waits until the window has closed.
    private static async Task AnswerAsync(IPage page, ILocator dialog)
    {
        var window = await OpenAsync(page, dialog);
        var gone = new TaskCompletionSource();
        window.Close += (_, _) => gone.TrySetResult();
        await window.GetByRole(AriaRole.Link, new() { Name = "Soy yo" }).ClickAsync();
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(15), Cancellation);
    }
}
