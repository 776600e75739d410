using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.SignIn;

/// <summary>The second step of signing in, on a portal where administrators need a second factor.</summary>
public sealed class SecondFactorTests(SecondFactorTests.Strict host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<SecondFactorTests.Strict>
{
    protected override bool SignsInEachTime => true;

    private static readonly Regex CodePage = new("/cuenta/entrar/codigo");

    [Fact]
    public async Task SignIn_WithAuthenticator_AsksForACodeAndOpensTheRequestedPage()
    {
        var olga = await Host.AddStaffAsync("Olga Operadora", StaffRoles.Operator);
        var (secret, codes) = await Host.EnableAsync(olga, StaffRoles.Operator);
        var page = await NewPageAsync();

        await page.GotoAsync(PortalUrls.Trash);
        await page.TypePasswordAsync(olga.Email!);
        await Expect(page).ToHaveURLAsync(CodePage);
        await AssertAccessibleAsync(page);
        await page.GotoAsync(PortalUrls.Panel);
        await Expect(page.Locator("#password")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await page.TypeCodeAsync("000000");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("El código no es correcto.");
        await page.TypeCodeAsync(SecondFactorPages.Digits(secret));

        await DrawnAsync(page);
        await Expect(page).ToHaveURLAsync(new Regex($"{PortalUrls.Trash}$"));
        Assert.Equal(["password+totp"], await MethodsAsync(olga));

        var other = await NewPageAsync();
        await other.GotoAsync(PortalUrls.SignIn);
        await other.TypePasswordAsync(olga.Email!);
        await other.TypeCodeAsync(codes[0]);
        await DrawnAsync(other);
        Assert.Equal(["password+totp", "password+recovery_code"], await MethodsAsync(olga));
    }

    [Fact]
    public async Task SignIn_CodePageWithoutThePassword_LeadsToTheFirstStep()
    {
        var page = await NewPageAsync();

        foreach (var step in new[] { PortalUrls.SignInCode, PortalUrls.SignInSecondFactor })
        {
            await page.GotoAsync(step);
            await Expect(page.Locator("#password")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task SignIn_RequiredSecondFactorMissing_SetsItUpBeforeASessionBegins()
    {
        var adela = await Host.AddStaffAsync("Adela Administradora", StaffRoles.Administrator);
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.Tenants);
        await page.TypePasswordAsync(adela.Email!);
        await Expect(page).ToHaveURLAsync(new Regex("/cuenta/entrar/segundo-factor"));
        await AssertAccessibleAsync(page);
        Assert.Empty(await MethodsAsync(adela));

        await page.GotoAsync(PortalUrls.Tenants);
        await Expect(page.Locator("#password")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await page.TypeCodeAsync("123");
        await Expect(page.Locator("#code")).ToHaveAccessibleDescriptionAsync(new Regex("no es el que muestra"));
        var secret = await page.SecretOnPageAsync();
        await page.TypeCodeAsync(SecondFactorPages.Digits(secret));

        await Expect(page.Locator(".recovery-codes code")).ToHaveCountAsync(10);
        await AssertAccessibleAsync(page);
        var code = await page.Locator(".recovery-codes code").First.InnerTextAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Ya los guardé: continuar" }).ClickAsync();
        await DrawnAsync(page);
        await Expect(page).ToHaveURLAsync(new Regex($"{PortalUrls.Tenants}$"));

        var again = await NewPageAsync();
        await again.GotoAsync(PortalUrls.SignIn);
        await again.TypePasswordAsync(adela.Email!);
        await Expect(again).ToHaveURLAsync(CodePage);
        await again.TypeCodeAsync(code);
        await DrawnAsync(again);
    }

    [Fact]
    public async Task SignIn_FiveWrongCodes_HasToWaitAndAdministratorsAreNotified()
    {
        Expected.Add("429");
        var saul = await Host.AddStaffAsync("Saul Soporte", StaffRoles.Support);
        var boss = await Host.AddStaffAsync("Alba Administradora", StaffRoles.Administrator);
        var (secret, _) = await Host.EnableAsync(boss, StaffRoles.Administrator);
        var watching = await NewPageAsync();
        await watching.GotoAsync(PortalUrls.SignIn);
        await watching.TypePasswordAsync(boss.Email!);
        await watching.TypeCodeAsync(SecondFactorPages.Digits(secret));
        await DrawnAsync(watching);
        await HoldsAsync(watching, "localStorage.getItem('vigia:lockouts-until') !== null");

        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignIn);
        for (var i = 0; i < 5; i++)
        {
            await page.TypePasswordAsync(saul.Email!, $"no-es-la-suya-{i}");
            await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no coinciden");
        }

        await page.TypePasswordAsync(saul.Email!, "tampoco-es-esta");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(new Regex("Vuelva a intentarlo en \\d+ s"));
        await page.TypePasswordAsync(saul.Email!);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(new Regex("Vuelva a intentarlo en \\d+ s"));
        await AssertAccessibleAsync(page);
        await Expect(watching.Locator(".mud-snackbar"))
            .ToContainTextAsync(
                new Regex("Demasiados intentos fallidos con la cuenta de Saul Soporte .* desde 127.0.0.1"));
    }

    [Fact]
    public async Task Session_WithPasswordOnly_EndsWhenTheNewRoleRequiresASecondFactor()
    {
        var ida = await Host.AddStaffAsync("Ida Ascendida", StaffRoles.Administrator);
        var (secret, _) = await Host.EnableAsync(ida, StaffRoles.Administrator);
        var page = await NewPageAsync();
        await page.GotoAsync(PortalUrls.SignIn);
        await page.TypePasswordAsync(ida.Email!);
        await page.TypeCodeAsync(SecondFactorPages.Digits(secret));
        await DrawnAsync(page);
        await page.GotoAsync(PortalUrls.Trash);
        await DrawnAsync(page);

        // A person is in this condition who was signed in with a password when the setting was changed.
        await using (var db = await Host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation))
        {
            await db.Set<SignInSession>().Where(s => s.StaffId == ida.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.Method, "password"), Cancellation);
        }

        await page.GotoAsync(PortalUrls.Trash);
        await Expect(page).ToHaveURLAsync(new Regex("/cuenta/entrar\\?returnUrl=%2Fpapelera$"));
    }

    private async Task<List<string>> MethodsAsync(StaffMember member)
    {
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        return await db.Set<SignInSession>().Where(s => s.StaffId == member.Id).OrderBy(s => s.CreatedAt)
            .Select(s => s.Method).ToListAsync(Cancellation);
    }

    /// <summary>A portal whose administrators need a second factor.</summary>
    public sealed class Strict(PostgresServer server) : PortalHost(server)
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Staff:RequireSecondFactor", "administrators");
        }
    }
}
