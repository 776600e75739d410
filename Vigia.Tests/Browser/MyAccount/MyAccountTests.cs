using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.MyAccount;

/// <summary>
/// Mi cuenta: a person changes how they sign in, by hand, and the change is effective at the next sign-in.
/// </summary>
public sealed class MyAccountTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    protected override bool SignsInEachTime => true;

    private const string NewPassword = "Otra-escoba-de-palo-45";

    [Fact]
    public async Task SecondFactor_SetUp_IsAskedForAtTheNextSignIn()
    {
        var member = await Host.AddStaffAsync("Berta Operadora", StaffRoles.Operator);
        var page = await SignedInAsync("/", email: member.Email!, password: SecondFactorPages.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Su cuenta" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Mi cuenta" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Activar la verificación en dos pasos" }).ClickAsync();
        var secret = await page.SecretOnPageAsync();
        await AssertAccessibleAsync(page);
        await page.Locator("#authenticator-code").FillAsync(SecondFactorPages.Digits(secret));
        await page.Locator("#authenticator-password").FillAsync("no-es-la-suya");
        await page.GetByRole(AriaRole.Button, new() { Name = "Activar", Exact = true }).ClickAsync();
        await Expect(page.Locator("#authenticator-password"))
            .ToHaveAccessibleDescriptionAsync("La contraseña no es la suya.");
        await page.Locator("#authenticator-code").FillAsync(SecondFactorPages.Digits(secret));
        await page.Locator("#authenticator-password").FillAsync(SecondFactorPages.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Activar", Exact = true }).ClickAsync();
        await Expect(page.Locator(".recovery-codes code")).ToHaveCountAsync(10);
        var codes = await page.Locator(".recovery-codes code").AllInnerTextsAsync();
        var file = await page.RunAndWaitForDownloadAsync(
            () => page.GetByRole(AriaRole.Button, new() { Name = "Descargar los códigos" }).ClickAsync());
        Assert.Equal(codes, await File.ReadAllLinesAsync(await file.PathAsync(), Cancellation));
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ya los guardé" }).ClickAsync();
        await Expect(page.GetByText("Códigos de recuperación sin usar: 10.")).ToBeVisibleAsync();

        var next = await NewPageAsync();
        await next.GotoAsync(PortalUrls.SignIn);
        await next.TypePasswordAsync(member.Email!);
        await next.TypeCodeAsync(codes[0]);
        await DrawnAsync(next);
        await next.GotoAsync(PortalUrls.MyAccount);
        await Expect(next.GetByText("Códigos de recuperación sin usar: 9.")).ToBeVisibleAsync();
        await next.GetByRole(AriaRole.Button, new() { Name = "Desactivar" }).ClickAsync();
        await next.Locator("#proof-password").FillAsync(SecondFactorPages.Password);
        await next.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Desactivar" }).ClickAsync();
        await Expect(next.GetByRole(AriaRole.Button, new() { Name = "Activar la verificación en dos pasos" }))
            .ToBeVisibleAsync();
    }

    [Fact]
    public async Task Password_Changed_NewOneWorksAndOtherSessionsEnd()
    {
        var member = await Host.AddStaffAsync("Carla Operadora", StaffRoles.Operator);
        await SignedInAsync("/", email: member.Email!, password: SecondFactorPages.Password);
        var page = await SignedInAsync(
            PortalUrls.MyAccount, email: member.Email!, password: SecondFactorPages.Password);

        await page.Locator("#old-password").FillAsync(SecondFactorPages.Password);
        await page.Locator("#new-password").FillAsync("12345678");
        await page.Locator("#password-again").FillAsync("12345678");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar la contraseña" }).ClickAsync();
        await Expect(page.Locator("#new-password"))
            .ToHaveAccessibleDescriptionAsync(new Regex("Esa contraseña es fácil de adivinar"));
        await page.Locator("#new-password").FillAsync(NewPassword);
        await page.Locator("#password-again").FillAsync(NewPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cambiar la contraseña" }).ClickAsync();
        await Expect(page.GetByText("La contraseña cambió")).ToBeVisibleAsync();

        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        Assert.Equal([true, false],
            await db.Set<SignInSession>().Where(s => s.StaffId == member.Id).OrderBy(s => s.CreatedAt)
            .Select(s => s.EndedAt != null).ToListAsync(Cancellation));
        await SignedInAsync("/", email: member.Email!, password: NewPassword);
    }

    // A browser refuses it only after the name and the password were typed.
    [Fact]
    public async Task Passkey_OnAnIpAddress_IsNotOffered_AndThePageSaysWhy()
    {
        var page = await SignedInAsync(PortalUrls.MyAccount);
        var section = page.Locator("section", new() { Has = page.Locator("#passkeys-title") });

        await Expect(section.GetByText("pertenece a un nombre")).ToBeVisibleAsync();
        await Expect(section.GetByRole(AriaRole.Button, new() { Name = "Agregar" })).ToBeDisabledAsync();
        await Expect(section.GetByRole(AriaRole.Link)).ToHaveAttributeAsync(
            "href", $"http://localhost:{Host.Address.Port}{PortalUrls.MyAccount}");
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        await page.GotoAsync(PortalUrls.SignIn);
        await Expect(page.Locator("[data-passkey-sign-in]")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Passkey_Added_SignsInAndConfirms_UntilItIsRemoved()
    {
        var member = await Host.AddStaffAsync("Dora Administradora", StaffRoles.Administrator);
        var page = await NewPageAsync();
        await VirtualAuthenticator.AttachAsync(page);
        await page.GotoAsync(At(PortalUrls.SignInAndReturn(PortalUrls.MyAccount)));
        await page.TypePasswordAsync(member.Email!);
        await DrawnAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Agregar una clave de acceso" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var add = dialog.GetByRole(AriaRole.Button, new() { Name = "Agregar una clave de acceso" });
        await dialog.Locator("#passkey-password").FillAsync(SecondFactorPages.Password);
        await dialog.Locator("#passkey-name").FillAsync("Portátil\u200d");
        await Expect(dialog.GetByText("Contiene un carácter que no se admite (U+200D)")).ToBeVisibleAsync();
        await Expect(add).ToBeDisabledAsync();
        await dialog.Locator("#passkey-name").FillAsync("Portátil de Dora");
        await Expect(add).ToBeEnabledAsync();
        await AssertAccessibleAsync(page);
        await add.ClickAsync();
        await Expect(page.Locator(".account-list strong")).ToHaveTextAsync("Portátil de Dora");

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(At(PortalUrls.SignInAndReturn(PortalUrls.MyAccount)));
        await page.GetByRole(AriaRole.Button, new() { Name = "Entrar con una clave de acceso" }).ClickAsync();
        await DrawnAsync(page);
        await Expect(page).ToHaveURLAsync(new Regex($"{PortalUrls.MyAccount}$"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Renombrar «Portátil de Dora»" }).ClickAsync();
        await dialog.Locator("#passkey-name").FillAsync("Llave");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Renombrar" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Quitar «Llave»" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Usar clave de acceso" }).ClickAsync();
        await Expect(dialog.GetByText("Confirmado con su clave de acceso.")).ToBeVisibleAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Quitar", Exact = true }).ClickAsync();
        await Expect(page.Locator(".account-list")).ToHaveCountAsync(0);

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(At(PortalUrls.SignIn));
        Expected.Add("403");
        await page.GetByRole(AriaRole.Button, new() { Name = "Entrar con una clave de acceso" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no se pudo comprobar");
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<MasterContext>>()
            .CreateDbContextAsync(Cancellation);
        Assert.Equal(["password", "passkey"],
            await db.Set<SignInSession>().Where(s => s.StaffId == member.Id).OrderBy(s => s.CreatedAt)
            .Select(s => s.Method).ToListAsync(Cancellation));
        Assert.Equal(
            ["staff.signed_in", "staff.passkey_added", "staff.signed_in", "staff.passkey_renamed",
                "staff.passkey_removed"],
            await db.Set<AuditEvent>().Where(e => e.ActorId == member.Id).OrderBy(e => e.Seq).Select(e => e.Action)
                .ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Passkey_AtTheMost_IsNotOffered_AndThePageSaysWhatToDo()
    {
        Expected.Add("403");
        var member = await Host.AddStaffAsync("Rosa Operadora", StaffRoles.Operator);
        foreach (var i in Enumerable.Range(1, OwnPasskeys.Most))
        {
            await using var scope = Host.Scope();
            await scope.ServiceProvider.GetRequiredService<OwnPasskeys>().AddAsync(
                SecondFactorPages.ActorOf(member, StaffRoles.Operator), TestPasskey.Create($"Llave {i}").Info,
                $"Llave {i}", SecondFactorPages.Password, Cancellation);
        }

        var page = await NewPageAsync();
        await VirtualAuthenticator.AttachAsync(page);
        await page.GotoAsync(At(PortalUrls.SignInAndReturn(PortalUrls.MyAccount)));
        await page.TypePasswordAsync(member.Email!);
        await DrawnAsync(page);

        await Expect(page.GetByText("Tiene 20 claves de acceso, y no puede haber más.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Agregar una clave de acceso" }))
            .ToBeDisabledAsync();
        var answer = await page.EvaluateAsync<string>(
            $"async () => (await window.vigia.passkeys.add('Otra', '{SecondFactorPages.Password}')).error");
        Assert.StartsWith("Ya tiene 20 claves de acceso", answer, StringComparison.Ordinal);
    }

    private string At(string path) => VirtualAuthenticator.At(Host, path);
}
