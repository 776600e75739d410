using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser.Isolation;

/// <summary>
/// The section about the database on a tenant's page: isolation is proved and shown, a broken isolation is reported on
/// every page, and the credential is rotated.
/// </summary>
public sealed class DatabaseSectionTests(DatabaseSectionTests.Quick host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<DatabaseSectionTests.Quick>
{
    [Fact]
    public async Task Proof_Requested_ShowsTheAttemptsAndABandWhileBroken()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("aislado"));
        var page = await SignedInAsync(PortalUrls.TenantDatabase(tenant));
        var other = await SignedInAsync(PortalUrls.Operations);
        var support = await SignedInAsync(PortalUrls.TenantDatabase(tenant), email: await Host.SupportAsync());
        await Expect(page.GetByText("al crear la base de datos")).ToBeVisibleAsync();
        await Expect(support.GetByRole(AriaRole.Button, new() { Name = "Probar ahora" })).ToHaveCountAsync(0);
        await Expect(support.GetByRole(AriaRole.Button, new() { Name = "Rotar credencial" })).ToHaveCountAsync(0);

        await SetMasterOpenAsync(true);
        await ProveAsync(page);

        // It is reported in this section with details, on the page of another tenant, and in the list.
        await Expect(page.Locator("#isolation-title").Locator("xpath=ancestor::section"))
            .ToContainTextAsync("Conectarse a la base de datos maestra");
        await Expect(page.Locator(".notice.tone-bad[role=status]"))
            .ToContainTextAsync("El aislamiento de su base de datos está roto");
        await Expect(other.Locator(".band-severe")).ToContainTextAsync("está roto");
        await Expect(support.Locator(".band-severe")).ToHaveCountAsync(0);
        await support.GotoAsync(PortalUrls.Tenants);
        await Expect(support.Locator(".state-chip.tone-bad").First).ToContainTextAsync("Aislamiento roto");
        await other.GetByRole(AriaRole.Link, new() { Name = "Ver qué se logró" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.Region, new() { Name = "Aislamiento" })
            .GetByRole(AriaRole.Region, new() { Name = "Lo que hay que mirar" })).ToBeVisibleAsync();

        await SetMasterOpenAsync(false);
        await ProveAsync(page);

        await Expect(other.Locator(".band-severe")).ToHaveCountAsync(0);
        await Expect(page.Locator(".notice.tone-bad[role=status]")).ToHaveCountAsync(0);
        await page.GetByText("intentos sin novedad").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Lo que se negó" }))
            .ToContainTextAsync("Hacerse superusuario");
        await page.GetByText("Pruebas anteriores").ClickAsync();
        await page.Locator(".proof-list button").Nth(1).ClickAsync();
        await Expect(page.GetByText("Está viendo una prueba anterior.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Volver a la última" }).ClickAsync();
        await Expect(page.GetByText("Está viendo una prueba anterior.")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Credential_Rotated_ShowsTheNewRoleAndWaitsForTheOldOne()
    {
        var name = PortalTenants.NewName("rotado");
        var tenant = await Host.ReadyTenantAsync(name);
        var page = await SignedInAsync(PortalUrls.TenantDatabase(tenant));
        var card = page.Locator("section.card", new() { Has = page.Locator("#credential-title") });
        var old = await card.Locator("code").First.InnerTextAsync();
        await using var held =
            await PostgresServer.OpenAsync(await Host.TenantUrlAsync(tenant, $"vigia_{name}"), Cancellation);

        await page.GetByRole(AriaRole.Button, new() { Name = "Rotar credencial" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Locator("textarea").FillAsync("cambio trimestral");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Rotar credencial" })
            .ClickAsync();

        await Expect(card).ToContainTextAsync("Rol anterior");
        await Expect(page.Locator("section[aria-label='Trabajo en curso'], .stepper, ol")
            .GetByText("Sesiones que todavía usan el rol anterior: 1").First)
            .ToBeVisibleAsync(new() { Timeout = 15_000 });
        await held.DisposeAsync();
        await Expect(card).Not.ToContainTextAsync("Rol anterior", new() { Timeout = 15_000 });
        await Expect(card.Locator("code").First).Not.ToHaveTextAsync(old);
    }

    [Fact]
    public async Task Database_WithoutItsMarker_IsReportedAndCanBeReclaimed()
    {
        var name = PortalTenants.NewName("perdida");
        var tenant = await Host.ReadyTenantAsync(name);
        await PostgresServer.ExecuteAsync(Host.Master, $"COMMENT ON DATABASE \"vigia_{name}\" IS NULL", Cancellation);
        await PostgresServer.ExecuteAsync(
            Host.Master, $"GRANT CONNECT ON DATABASE \"vigia_{name}\" TO PUBLIC", Cancellation);
        var look = new Look("es", false, 1280);

        // A count notices the change, and the page shows it. The counts in the background come every few minutes.
        var page = await SignedInAsync(PortalUrls.Tenant(tenant), look);
        await using (var scope = Host.Scope())
        {
            await scope.ServiceProvider.GetRequiredService<TenantContents>()
                .CountAsync(Actor.System, tenant, Cancellation);
        }

        var notice = page.GetByRole(AriaRole.Alert).Filter(new() { HasText = $"vigia_{name}" });
        await Expect(notice).ToContainTextAsync("no lleva la marca de este portal");
        await Expect(page.Locator(".page-header .state-chip").Filter(new() { HasText = "Base sin marca" }))
            .ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
        var support = await SignedInAsync($"{PortalUrls.Tenants}?q={name}", email: await Host.SupportAsync());
        await Expect(support.Locator(".state-chip.tone-bad").First).ToContainTextAsync("Base sin marca");
        await support.GotoAsync(PortalUrls.Tenant(tenant));
        await Expect(support.GetByRole(AriaRole.Alert).Filter(new() { HasText = $"vigia_{name}" })).ToBeVisibleAsync();
        await Expect(support.GetByRole(AriaRole.Button, new() { Name = "Reincorporar" })).ToHaveCountAsync(0);

        await notice.GetByRole(AriaRole.Button, new() { Name = "Reincorporar" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).Locator("textarea").FillAsync("restaurada de la copia de anoche");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Reincorporar" }).ClickAsync();

        await Expect(notice).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Expect(page.Locator(".state-chip").First).ToContainTextAsync("Activo");
        await Expect(page.GetByText("Base reincorporada en")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task DemoData_OfADemoTenant_IsAddedAndRemovedAndOfferedToNoOther()
    {
        var tenant = await Host.ReadyTenantAsync(PortalTenants.NewName("demo"), environment: TenantEnvironments.Demo);
        var page = await SignedInAsync(PortalUrls.TenantDatabase(tenant));
        var card = page.Locator("section.card", new() { Has = page.Locator("#demo-data-title") });
        await Expect(card).ToContainTextAsync("No tiene datos de demostración.");

        await PressAsync("Cargar datos de demostración");
        await Expect(card).ToContainTextAsync("Tiene datos de demostración:", new() { Timeout = 15_000 });
        await PressAsync("Quitar datos de demostración");
        await Expect(card).ToContainTextAsync("No tiene datos de demostración.", new() { Timeout = 15_000 });

        await page.GotoAsync(PortalUrls.TenantDatabase(host.TenantId));
        await Expect(page.Locator("#credential-title")).ToBeVisibleAsync();
        await Expect(page.Locator("#demo-data-title")).ToHaveCountAsync(0);

        async Task PressAsync(string name)
        {
            await card.GetByRole(AriaRole.Button, new() { Name = name }).ClickAsync();
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = name }).ClickAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task Section_EveryLook_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var page = await SignedInAsync(PortalUrls.TenantDatabase(host.TenantId), look);
        await Expect(page.Locator("#credential-title")).ToBeVisibleAsync();
        await Expect(page.Locator(".attempts summary")).ToHaveCountAsync(2);
        foreach (var summary in await page.Locator(".attempts summary").AllAsync())
        {
            await summary.ClickAsync();
        }

        await AssertAccessibleAsync(page);
        await AssertFitsAsync(page);
    }

    private static async Task ProveAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Probar ahora" }).ClickAsync();
        await Expect(page.GetByText("Probado a pedido").Or(page.GetByText("a pedido")).First).ToBeVisibleAsync();
    }

    private Task SetMasterOpenAsync(bool open) => PostgresServer.ExecuteAsync(
        Host.Master, open ? $"GRANT CONNECT ON DATABASE \"{Host.Master.Database}\" TO PUBLIC"
            : $"REVOKE CONNECT ON DATABASE \"{Host.Master.Database}\" FROM PUBLIC", Cancellation);

    /// <summary>A portal that drops a replaced role without waiting a minute.</summary>
    public sealed class Quick(PostgresServer server) : PortalHost(server)
    {
        /// <summary>A tenant with two proofs.</summary>
        public int TenantId { get; private set; }

        protected override void ConfigureWebHost(Microsoft.AspNetCore.Hosting.IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("Isolation:KeepReplacedRoleFor", "00:00:00");
            builder.UseSetting("Isolation:LookAgainAfter", "00:00:00.3");
        }

        protected override async Task FillAsync()
        {
            TenantId = await this.ReadyTenantAsync(PortalTenants.NewName("mirado"));
            await using var scope = Scope();
            await this.ReachAsync(
                await scope.ServiceProvider.GetRequiredService<IsolationService>()
                .ProveAsync(await AdministratorAsync(), TenantId, TestContext.Current.CancellationToken),
                OperationState.Succeeded);
        }
    }
}
