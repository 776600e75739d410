using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Deletion;

/// <summary>
/// A person moves a tenant to the trash and signs with a passkey instead of the password. The audit record shows it,
/// and the confirmation can't be used again.
/// </summary>
public sealed class SignedDeletionTests(PortalHost host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PortalHost>
{
    [Fact]
    public async Task HardDelete_SignedByPasskey_UsesUpTheConfirmation()
    {
        var name = PortalTenants.NewName("firmado");
        var tenant = await Host.ReadyTenantAsync(name);
        var member = await Host.AddStaffAsync("Dora Administradora", StaffRoles.Administrator);
        var page = await NewPageAsync();
        var device = await VirtualAuthenticator.AttachAsync(page);
        await device.GiveAsync(Host, member, StaffRoles.Administrator);
        await page.GotoAsync(
            VirtualAuthenticator.At(Host, PortalUrls.SignInAndReturn($"{PortalUrls.Tenant(tenant)}?seccion=peligro")));
        await page.TypePasswordAsync(member.Email!);
        await DrawnAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var delete = dialog.GetByRole(AriaRole.Button, new() { Name = "Mover a la papelera" });
        await page.Locator("#delete-confirm").FillAsync(name);
        await page.Locator("#delete-reason").FillAsync("Fin de contrato");
        await Expect(delete).ToBeDisabledAsync();
        await Expect(delete).ToHaveAccessibleDescriptionAsync("Falta: Su contraseña");
        var answer = await page.RunAndWaitForResponseAsync(
            () => dialog.GetByRole(AriaRole.Button, new() { Name = "Usar clave de acceso" }).ClickAsync(),
            response => response.Url.EndsWith(PortalUrls.Confirm, StringComparison.Ordinal));
        var confirmation = (await answer.JsonAsync())!.Value.GetProperty("confirmation").GetString()!;
        await Expect(dialog.GetByText("Confirmado con su clave de acceso.")).ToBeVisibleAsync();
        await Expect(page.Locator("#delete-password")).ToHaveCountAsync(0);
        await AssertAccessibleAsync(page);
        SignedAction signed = null!;
        await Host.InMasterAsync(async db => signed = Host.Services.GetRequiredService<TenantDeletion>()
            .SignatureOf(
                await db.Set<Tenant>().SingleAsync(t => t.Id == tenant, Cancellation), "Fin de contrato", null));
        await delete.ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);

        Guid? operation = null;
        await Host.InMasterAsync(async db =>
        {
            var record = await db.Set<AuditEvent>()
                .SingleAsync(e => e.Action == "tenant.delete_requested" && e.TenantId == tenant, Cancellation);
            Assert.Equal((member.Id, "passkey", "sign_tenant_delete", "Fin de contrato"),
                (record.ActorId, record.SignedWith, record.SignatureMeaning, record.Reason));
            Assert.Contains("\"passkey\"", record.Body, StringComparison.Ordinal);
            Assert.Empty(await db.UserTokens
                .Where(t => t.UserId == member.Id && t.LoginProvider != KnownBrowsers.Provider)
                .ToListAsync(Cancellation));
            operation = record.OperationId;
        });
        await Host.ReachAsync(operation!.Value, OperationState.Succeeded);

        // The same signature can't be used a second time.
        var again = await Assert.ThrowsAsync<RuleException>(
            () => Host.Services.GetRequiredService<Reauthentication>().DemandAsync(
            SecondFactorPages.ActorOf(member, StaffRoles.Administrator), signed, confirmation, Cancellation));
        Assert.Equal("confirmation_stale", again.Reason.Code);

        await page.GotoAsync(VirtualAuthenticator.At(Host, $"{PortalUrls.Audit}?cliente={tenant}"));
        await DrawnAsync(page);
        await page.Locator(".audit-table tr", new() { HasText = name })
            .Filter(new() { Has = page.Locator(".audit-signed") }).GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(page.Locator(".audit-signature")).ToContainTextAsync("clave de acceso");
    }
}
