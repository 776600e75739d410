using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using Vigia.Core.Registry.Audit;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Master;

/// <summary>
/// A passkey can also sign the answer about a copied master. The re-authentication writes nothing into the read-only
/// master.
/// </summary>
[Trait("needs", "pg_dump")]
public sealed class MasterPasskeyTests(MasterPageTests.OnACopy host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<MasterPageTests.OnACopy>
{
    protected override bool SignsInEachTime => true;

    [Fact]
    public async Task CopiedMaster_AnsweredByPasskey_SignsThatAnswerOnly()
    {
        var page = await NewPageAsync();
        var device = await VirtualAuthenticator.AttachAsync(page);
        await device.HoldAsync(host.Passkey, host.AnaId);
        await page.GotoAsync(VirtualAuthenticator.At(host, PortalUrls.SignInAndReturn(PortalUrls.Master)));
        await page.TypePasswordAsync(MasterPageTests.OnACopy.Email, CoreHost.AdminPassword);
        await DrawnAsync(page);
        await Expect(page.Locator("#master-password")).ToHaveCountAsync(0);
        await page.GetByLabel("Se mudó").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Usar clave de acceso" }).ClickAsync();
        await Expect(page.GetByText("Confirmado con su clave de acceso.")).ToBeVisibleAsync();

        // The other answer needs another signature.
        await page.GetByLabel("Es una copia").CheckAsync();
        await Expect(page.GetByText("Confirmado con su clave de acceso.")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Usar clave de acceso" }).ClickAsync();
        await Expect(page.GetByText("Confirmado con su clave de acceso.")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirmar" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "La base maestra está donde debe." }))
            .ToBeVisibleAsync();
        await host.InMasterAsync(async db =>
        {
            var record = await db.Set<AuditEvent>().SingleAsync(e => e.Action == "master.declared_copy", Cancellation);
            Assert.Equal(("passkey", "sign_master_copy", (Guid?)host.AnaId),
                (record.SignedWith, record.SignatureMeaning, record.ActorId));
        });
    }
}
