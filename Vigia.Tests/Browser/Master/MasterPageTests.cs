using Microsoft.AspNetCore.Hosting;
using Microsoft.Playwright;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Master;

/// <summary>
/// A portal that was started on a copy of a master. It reports this on every page, changes nothing, and asks.
/// </summary>
[Trait("needs", "pg_dump")]
public sealed class MasterPageTests(MasterPageTests.OnACopy host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<MasterPageTests.OnACopy>
{
    [Fact]
    public async Task CopiedMaster_UntilAnswered_IsReadOnly()
    {
        var page = await SignedInAsync(PortalUrls.NewTenant, email: OnACopy.Email, password: CoreHost.AdminPassword);
        await page.Locator("#ruc").FillAsync(Rucs.Next(970));
        await page.Locator("#razon_social").FillAsync("En Espera S.A.C.");
        await page.Locator("#correo_acceso").FillAsync("a@espera.pe");
        await page.GetByRole(AriaRole.Button, new() { Name = "Registrar cliente" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("El portal está en solo lectura");
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("En Espera S.A.C.");
        await AssertAccessibleAsync(page);

        await page.GetByRole(AriaRole.Complementary, new() { Name = "Avisos del portal" }).GetByRole(AriaRole.Link)
            .ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Salir sin guardar" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Base maestra", Level = 1 })).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirmar" }).ClickAsync();
        await Expect(page.GetByText("Elija una de las dos.")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await page.GetByLabel("Es una copia").CheckAsync();
        await page.ReloadAsync();
        await DrawnAsync(page);
        await Expect(page.GetByText("Recuperamos lo que escribió a las")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Es una copia")).ToBeCheckedAsync();
        await page.Locator("#master-password").FillAsync("no-es-la-suya");
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirmar" }).ClickAsync();
        await Expect(page.GetByText("La contraseña no es la suya.")).ToBeVisibleAsync();
        await page.Locator("#master-password").FillAsync(CoreHost.AdminPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirmar" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "La base maestra está donde debe." }))
            .ToBeVisibleAsync();
        await page.GotoAsync(PortalUrls.Tenants);
        await DrawnAsync(page);
        await Expect(page.GetByRole(
            AriaRole.Complementary, new() { Name = "Avisos del portal" })).Not.ToContainTextAsync("solo lectura");
        await Expect(page.Locator(".table tbody tr")).ToContainTextAsync("Original S.A.C.");
    }

    /// <summary>A portal on the dump of another portal's master.</summary>
    public sealed class OnACopy(PostgresServer server) : PortalHost(server)
    {
        public const string Email = "ana@vigia.test";

        /// <summary>A passkey that the administrator had on the original.</summary>
        internal TestPasskey Passkey { get; } = TestPasskey.Create("Llave de Ana");

        public Guid AnaId { get; private set; }

        // The dump contains everything.
        protected override Task CreateMasterAsync(string name, CancellationToken cancellationToken) =>
            Postgres.CreateDatabaseAsync(name, null, cancellationToken);

        protected override async Task PrepareAsync()
        {
            await using var original = await CoreHost.StartAsync(Postgres, workers: false);
            await original.Get<TenantRegistration>().RegisterAsync(original.Admin, new RegisterTenant
            {
                Ruc = Rucs.Next(971),
                Subdomain = PortalTenants.NewName("original"),
                Provision = false,
                Details = new TenantDetails
                {
                    LegalName = "Original S.A.C.", AccessEmail = "a@original.pe",
                    Plan = "basico", Environment = "produccion"
                },
            }, TestContext.Current.CancellationToken);
            AnaId = original.Admin.StaffId!.Value;
            await original.Get<OwnPasskeys>()
                .AddAsync(original.Admin, Passkey.Info, Passkey.Info.Name!, CoreHost.AdminPassword,
                TestContext.Current.CancellationToken);
            await Psql.CopyAsync(
                original.Master, Postgres.SuperuserUrl(Master.Database), TestContext.Current.CancellationToken);
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("SECRET_KEY", CoreHost.Secret);
        }
    }
}
