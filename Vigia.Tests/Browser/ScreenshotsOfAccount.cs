using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Pictures of a person's own account: API tokens, the lock, the steps of signing in, an invitation.</summary>
/// <inheritdoc cref="Screenshots"/>
public sealed class ScreenshotsOfAccount(ScreenshotsOfAccount.Careful host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<ScreenshotsOfAccount.Careful>
{
    private const string Primary = "main button.mud-button-filled";

    // Two people can't have the same name, so each look has its own people.
    private static readonly string[] Families = ["Quispe", "Huamán", "Tello", "Rojas", "Ñahui", "Salazar"];

    private static int _looks;

    private string _family = "";

    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Take(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var suffix = Screenshots.Suffix(look);
        _family = Families[_looks++];
        await SignInAsync(look, suffix);
        var member = await Host.AddStaffAsync($"Olga {_family}", StaffRoles.Operator);
        var page = await NewPageAsync(look);
        await page.Context.AddCookiesAsync(
        [
            .. (await page.Context.CookiesAsync())
                .Select(cookie => new Cookie { Name = cookie.Name, Value = cookie.Value,
                Url = VirtualAuthenticator.At(Host, "/") }),
        ]);
        await (await VirtualAuthenticator.AttachAsync(page)).GiveAsync(Host, member, StaffRoles.Operator);
        await page.GotoAsync(VirtualAuthenticator.At(Host, PortalUrls.SignInAndReturn(PortalUrls.MyTokens)));
        await page.TypePasswordAsync(member.Email!);
        await DrawnAsync(page);
        await TokensAsync(page, suffix);
        await AccountAsync(page, suffix);
        await LockAsync(page, suffix);
    }

    private async Task SignInAsync(Look look, string suffix)
    {
        var member = await Host.AddStaffAsync($"Ana {_family}", StaffRoles.Administrator);
        var page = await NewPageAsync(look);
        await page.GotoAsync(PortalUrls.SignIn);
        await page.TypePasswordAsync(member.Email!);
        await page.Locator(".qr").WaitForAsync();
        await Screenshots.SaveAsync(page, $"entrar-segundo-factor-{suffix}");
        await page.TypeCodeAsync(SecondFactorPages.Digits(await page.SecretOnPageAsync()));
        await page.Locator(".recovery-codes").WaitForAsync();
        await Screenshots.SaveAsync(page, $"entrar-codigos-{suffix}");

        await page.Context.ClearCookiesAsync(new() { Name = "vigia.staff" });
        await page.GotoAsync(PortalUrls.SignIn);
        await page.TypePasswordAsync(member.Email!);
        await page.Locator("#code").WaitForAsync();
        await page.TypeCodeAsync("000000");
        await page.GetByRole(AriaRole.Alert).First.WaitForAsync();
        await Screenshots.SaveAsync(page, $"entrar-codigo-{suffix}");
        var link = await Host.InvitedAsync($"Zoila {_family}", PortalTeam.Access(StaffRoles.Support));
        await page.GotoAsync($"{PortalUrls.Invitation}?token={link.Token}");
        await page.Locator("input[type=password]").First.WaitForAsync();
        await Screenshots.SaveAsync(page, $"invitacion-{suffix}");
    }

    private static async Task TokensAsync(IPage page, string suffix)
    {
        await Expect(page.Locator(".empty-state")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"tokens-ninguno-{suffix}");
        await page.Locator(Primary).ClickAsync();
        await page.Locator("#token-name").FillAsync("Facturación");
        await Screenshots.SaveAsync(page, $"tokens-nuevo-{suffix}");
        await page.Locator("#token-password").ScrollIntoViewIfNeededAsync();
        await Screenshots.SaveAsync(page, $"tokens-nuevo-final-{suffix}");
        await page.Locator("#token-password").FillAsync(SecondFactorPages.Password);
        await page.Locator("#token-password").PressAsync("Enter");
        await Expect(page.Locator(".token-list > li")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Screenshots.SaveAsync(page, $"tokens-creado-{suffix}");
    }

    private async Task AccountAsync(IPage page, string suffix)
    {
        await page.GotoAsync(VirtualAuthenticator.At(Host, PortalUrls.MyAccount));
        await Expect(page.Locator(".account-list")).ToBeVisibleAsync();
        await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
        await Screenshots.SaveAsync(page, $"mi-cuenta-{suffix}");
        await page.Locator(Primary).First.ClickAsync();
        await page.Locator(".qr").WaitForAsync();
        await Screenshots.SaveAsync(page, $"mi-cuenta-dos-pasos-{suffix}");
        await page.Locator(".mud-dialog-actions button").First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
    }

    private static async Task LockAsync(IPage page, string suffix)
    {
        await page.Locator(".person-button").ClickAsync();
        await Screenshots.SaveAsync(page, $"persona-{suffix}");
        await page.RunAndWaitForResponseAsync(
            () => page.Locator("[data-lock-now]").ClickAsync(),
            response => response.Url.EndsWith("/bloquear", StringComparison.Ordinal));
        await Expect(page.Locator("#lock-passkey")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"bloqueada-{suffix}");
        await page.ReloadAsync();
        await Expect(page.Locator("[data-passkey-unlock] button")).ToBeVisibleAsync();
        await Screenshots.SaveAsync(page, $"bloqueada-pagina-{suffix}");
    }

    /// <summary>A portal whose administrators need a second factor.</summary>
    public sealed class Careful(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Staff:RequireSecondFactor", "Administrators");
        }
    }
}
