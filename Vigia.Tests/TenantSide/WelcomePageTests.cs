using Microsoft.Playwright;
using Vigia.Tests.Browser;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.TenantSide;

/// <summary>The page on a tenant's host where the first administrator sets the password, in a real browser.</summary>
public sealed class WelcomePageTests(TenantSideHost host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<TenantSideHost>
{
    private const string Chosen = "una frase que recuerdo";

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task Page_FromTheLinkToTheSavedPassword_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var tenant = await host.TenantAsync("pagina");
        var page = await OpenAsync(tenant, await host.InvitedAsync(tenant.Id), new Look(language, dark, width));
        var isEnglish = language == "en";

        await Expect(page.GetByRole(AriaRole.Heading, new()
        {
            Name = isEnglish ? "Choose your password" : "Elija su contraseña",
        })).ToBeVisibleAsync();
        await Expect(page.Locator("#email")).ToHaveValueAsync($"admin@{tenant.Name}.pe");
        await Expect(page.GetByText($"Cliente {tenant.Name}")).ToBeVisibleAsync();
        Assert.Equal(dark ? "dark" : "light", await page.Locator("html").GetAttributeAsync("data-theme"));
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);

        // The error stands beside its field, and the link still works.
        Expected.Add("422");
        await SaveAsync(page, "corta", "corta");
        await Expect(page.Locator("#password-error")).ToBeVisibleAsync();
        await SaveAsync(page, Chosen, "otra frase");
        await Expect(page.Locator("#password-again-error")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await SaveAsync(page, Chosen, Chosen);
        await Expect(page.GetByText($"admin@{tenant.Name}.pe")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link)).ToHaveAttributeAsync(
            "href", $"https://{tenant.Name}.{TenantSideHost.Domain}");
        await AssertAccessibleAsync(page);
        using var nobody = host.Nobody(tenant.Name);
        (await nobody.LoginAsync($"admin@{tenant.Name}.pe", Chosen)).Expect(200);

        Expected.Add("410");
        await page.GotoAsync(page.Url);
        await Expect(page.GetByRole(AriaRole.Heading, new()
        {
            Name = isEnglish ? "This link no longer works" : "Este enlace ya no sirve",
        })).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task Page_LanguageAndTheme_ChangeWithoutLosingTheLink()
    {
        var tenant = await host.TenantAsync("idioma");
        var page = await OpenAsync(tenant, await host.InvitedAsync(tenant.Id), Look.Usual);

        await page.Locator(".language-button").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Choose your password" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Dark theme" }).ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");

        await SaveAsync(page, Chosen, Chosen);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Password saved" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Page_BlockedAccountAndNoRoom_SaysSoAndKeepsTheLink()
    {
        var tenant = await host.TenantAsync("llena");
        var page = await OpenAsync(tenant, await host.InvitedAsync(tenant.Id), Look.Usual);
        await tenant.WriteAsync("UPDATE users SET is_active = false; UPDATE tenant_limits SET max_usuarios = 0");

        Expected.Add("409");
        await SaveAsync(page, Chosen, Chosen);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Su empresa llegó al límite de usuarios" }))
            .ToBeVisibleAsync();
        await AssertAccessibleAsync(page);

        await tenant.WriteAsync("UPDATE tenant_limits SET max_usuarios = 1");
        await page.GotoAsync(page.Url);
        await SaveAsync(page, Chosen, Chosen);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Contraseña guardada" })).ToBeVisibleAsync();
    }

    /// <summary>The address holds the link.</summary>
    [Fact]
    public async Task Page_AnyAnswer_TellsNoOtherAddressItsOwn()
    {
        var tenant = await host.TenantAsync("referencia");
        using var nobody = host.Nobody();
        var name = ("Host", $"{tenant.Name}.{TenantSideHost.Domain}");

        var page = await nobody.GetAsync(new Uri(await host.InvitedAsync(tenant.Id)).PathAndQuery, name);
        Assert.Equal((200, "no-referrer"), (page.Status, page.Headers.GetValues("Referrer-Policy").Single()));
        var other = await nobody.GetAsync("/css/account.css", name);
        Assert.Equal("same-origin", other.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task Page_FormThatCannotBeRead_IsShownAgain()
    {
        var tenant = await host.TenantAsync("rota");
        var path = new Uri(await host.InvitedAsync(tenant.Id)).PathAndQuery;
        using var nobody = host.Nobody();
        var name = ("Host", $"{tenant.Name}.{TenantSideHost.Domain}");

        foreach (var type in new[]
        {
            "multipart/form-data; boundary=x", "multipart/form-data",
            "application/x-www-form-urlencoded; charset=utf-7",
        })
        {
            var unread = await nobody.BodyAsync(path, type, "--x\r\nContent-Disposition: form-data", name);
            Assert.True(unread.Status == 400, $"{type}: {unread.Status} {unread.Text}");
            Assert.Contains("password-error", unread.Text, StringComparison.Ordinal);
        }

        var name2 = PortalTenants.NewName("pronto");
        await host.RegisterAsync(name2, provision: false);
        await host.HoldsAsync(name2, entry => entry is not null);
        var later = await nobody.GetAsync(path, ("Host", $"{name2}.{TenantSideHost.Domain}"));
        Assert.Equal(503, later.Status);
        Assert.True(later.Headers.RetryAfter!.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task Page_WithoutItsTenant_SaysWhatToDo()
    {
        var tenant = await host.TenantAsync("cerrada");
        var link = await host.InvitedAsync(tenant.Id);
        await tenant.WriteMasterAsync($"UPDATE clientes_saas SET is_active = false WHERE id = {tenant.Id}");
        await host.HoldsAsync(tenant.Name, entry => entry is { IsActive: false });

        Expected.AddRange(["403", "404"]);
        var page = await OpenAsync(tenant, link, Look.Usual);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "El acceso está cerrado" })).ToBeVisibleAsync();
        await page.GotoAsync(At("nadie-aqui", "/invitacion?token=x"));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Esta dirección no existe" })).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
    }

    /// <summary>Pictures for a look at them: <c>VIGIA_SCREENSHOTS</c> names the folder.</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Take(string language, bool dark, int width)
    {
        var tenant = await host.TenantAsync("foto");
        var look = new Look(language, dark, width);
        var suffix = Screenshots.Suffix(look);
        var page = await OpenAsync(tenant, await host.InvitedAsync(tenant.Id), look);
        await Screenshots.SaveAsync(page, $"cliente-invitacion-{suffix}");
        Expected.AddRange(["422", "410"]);
        await SaveAsync(page, "corta", "corta");
        await Expect(page.Locator("#password-error")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"cliente-invitacion-error-{suffix}");
        await SaveAsync(page, Chosen, Chosen);
        await Expect(page.Locator("a.primary")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"cliente-invitacion-lista-{suffix}");
        await page.GotoAsync(page.Url);
        await Expect(page.Locator("a.primary")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"cliente-invitacion-usada-{suffix}");
    }

    private static async Task SaveAsync(IPage page, string password, string again)
    {
        await page.Locator("#password").FillAsync(password);
        await page.Locator("#password-again").FillAsync(again);
        await page.Locator("button.primary").ClickAsync();
    }

    private async Task<IPage> OpenAsync(TenantWorld tenant, string link, Look look)
    {
        var (page, address) = (await NewPageAsync(look), At(tenant.Name, new Uri(link).PathAndQuery));
        await page.Context.AddCookiesAsync(
        [
            .. (await page.Context.CookiesAsync())
                .Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value, Url = address }),
        ]);
        await page.GotoAsync(address);
        return page;
    }

    private string At(string tenant, string path) =>
        $"http://{tenant}.{TenantSideHost.Domain}:{Host.Address.Port}{path}";
}
