using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Staff.Tokens;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.SchemaUpgrades;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>
/// Every page, filled, in both languages and themes, narrow and wide. axe finds nothing, and nothing extends beyond the
/// edge of the window.
/// </summary>
public sealed class PagesTests(PagesTests.Filled host, Chromium chromium) : BrowserTest(host, chromium),
IClassFixture<PagesTests.Filled>
{
    [Theory]
    [MemberData(nameof(Look.All), MemberType = typeof(Look))]
    public async Task EveryPage_EveryLook_IsAccessibleAndFits(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var page = await SignedInAsync("/", look);
        foreach (var path in host.Paths)
        {
            await page.GotoAsync(path);
            await DrawnAsync(page);
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await AssertAccessibleAsync(page);
            await AssertFitsAsync(page);
        }
    }

    [Theory]
    [InlineData("es-PE")]
    [InlineData("en")]
    public async Task TenantList_OnASmallLaptop_ShowsEveryColumnWhole(string language)
    {
        var page = await SignedInAsync(PortalUrls.Tenants, new Look(language, Dark: false, 1280));
        await Expect(page.GetByRole(AriaRole.Columnheader)).ToHaveCountAsync(9);

        await HoldsAsync(
            page, "(frame => frame.scrollWidth <= frame.clientWidth)(document.querySelector('.table-frame'))");
    }

    [Theory]
    [InlineData("es-PE", false)]
    [InlineData("en", true)]
    public async Task Dialogs_Open_AreAccessible(string language, bool dark)
    {
        var page = await SignedInAsync(PortalUrls.Tenant(host.ActiveId), new Look(language, dark, 1440));
        foreach (var action in language == "en" ? new[] { "Invite", "Suspend" } : ["Invitar", "Suspender"])
        {
            await page.GetByRole(AriaRole.Button, new() { Name = action, Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await AssertAccessibleAsync(page);
            await page.Keyboard.PressAsync("Escape");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        }

        await page.GotoAsync($"{PortalUrls.Tenant(host.ActiveId)}?seccion=peligro");
        await page.GetByRole(
            AriaRole.Button, new() { Name = language == "en" ? "Move to the trash" : "Mover a la papelera" })
            .ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await AssertAccessibleAsync(page);
    }

    /// <summary>A portal with tenants in several states, one in the trash, and a failed operation.</summary>
    public sealed class Filled(PostgresServer server) : NextPortalHost(server)
    {
        public int ActiveId { get; private set; }

        /// <summary>The operation that deleted the tenant in the trash.</summary>
        public Guid OperationId { get; private set; }

        /// <summary>An operation on many tenants: one was suspended, one was skipped.</summary>
        public Guid ManyId { get; private set; }

        public IReadOnlyList<string> Paths { get; private set; } = [];

        protected override async Task FillAsync()
        {
            // Names must be unique on the server, which several classes of tests share.
            var id = Guid.NewGuid().ToString("n")[..4];
            ActiveId = await RegisterAsync(
                1, "Laboratorios Andinos S.A.C.", $"andinos-{id}", "profesional", provision: true);
            var trashed = await RegisterAsync(2, "Droguería Ñandú E.I.R.L.", $"nandu-{id}", "basico", provision: true);
            var registered = await RegisterAsync(
                3, "Álamo Perú S.R.L.", $"alamo-{id}", "empresarial", provision: false);
            var suspended = await RegisterAsync(
                4, "Química Norte S.A.", $"quimica-norte-{id}", "basico", provision: true);
            await RegisterAsync(5, "Zeta Biofarma S.A.C.", $"zeta-{id}", "personalizado", provision: true);
            await using var scope = Scope();
            var actor = await AdministratorAsync();
            ManyId = await scope.ServiceProvider.GetRequiredService<TenantBulk>().StartAsync(
                actor, new TenantBulkRequest(Suspends: true, "falta_de_pago"), [suspended, registered],
                TestContext.Current.CancellationToken);
            await EndOfAsync(ManyId);
            var operation = await scope.ServiceProvider.GetRequiredService<TenantDeletion>().DeleteAsync(
                actor, trashed, new DeletionRequest($"nandu-{id}", "Fin de contrato", AdministratorPassword),
                TestContext.Current.CancellationToken);
            await EndOfAsync(operation);
            OperationId = operation;
            await OldSchema.MakeAsync(
                Postgres, Master, suspended, $"vigia_quimica-norte-{id}", TestContext.Current.CancellationToken);
            await MakeTokensAsync(actor);
            Paths =
            [
                PortalUrls.Panel, PortalUrls.Tenants, $"{PortalUrls.Tenants}?q=nadie", PortalUrls.NewTenant,
                PortalUrls.Tenant(ActiveId), $"{PortalUrls.Tenant(ActiveId)}?seccion=operaciones",
                $"{PortalUrls.Tenant(ActiveId)}?seccion=configuracion",
                $"{PortalUrls.Tenant(ActiveId)}?seccion=peligro", PortalUrls.Tenant(trashed), PortalUrls.Operations,
                PortalUrls.Operation(operation), PortalUrls.Operation(ManyId), PortalUrls.Databases,
                PortalUrls.DatabasesBehind, PortalUrls.Tenant(suspended), PortalUrls.Trash, PortalUrls.MyAccount,
                PortalUrls.MyTokens, PortalUrls.MySessions, PortalUrls.Diagnosis, PortalUrls.ServiceAccounts,
                PortalUrls.AdoptTenant,
            ];
        }

        // Creates a valid token, one in its last week, and a revoked one.
        private async Task MakeTokensAsync(Actor actor)
        {
            var (tokens, today) =
                (Services.GetRequiredService<ApiTokens>(), DateOnly.FromDateTime(DateTime.UtcNow.AddHours(-5)));
            foreach (var (name, rights, days) in new[] { ("Facturación", ApiTokens.Grantable, 90),
                ("Informe mensual", [Rights.TenantsView, Rights.TenantsExport], 3),
                ("Prueba", [Rights.TenantsView], 30) })
            {
                var issued = await tokens.CreateAsync(
                    actor, new NewApiToken(name, rights, today.AddDays(days)), AdministratorPassword,
                    TestContext.Current.CancellationToken);
                if (name == "Prueba")
                {
                    await tokens.RevokeAsync(actor, issued.Id, TestContext.Current.CancellationToken);
                }
            }
        }

        private async Task<int> RegisterAsync(int number, string name, string subdomain, string plan, bool provision)
        {
            await using var scope = Scope();
            var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>()
                .RegisterAsync(await AdministratorAsync(), new RegisterTenant
                {
                    Ruc = Rucs.Next(810 + number),
                    Subdomain = subdomain,
                    Provision = provision,
                    Details = new TenantDetails
                    {
                        LegalName = name, AccessEmail = $"admin@{subdomain}.pe", Plan = plan,
                        Environment = "produccion", MaxUsers = 20
                    },
                }, TestContext.Current.CancellationToken);
            if (registered.OperationId is { } operation)
            {
                await EndOfAsync(operation);
            }

            return registered.TenantId;
        }

        private async Task EndOfAsync(Guid operation)
        {
            var actor = await AdministratorAsync();
            await Eventually.HoldsAsync("the operation ends", async () =>
                (await Services.GetRequiredService<OperationService>()
                    .GetAsync(actor, operation,
                    TestContext.Current.CancellationToken)).State is OperationState.Succeeded,
                TestContext.Current.CancellationToken);
        }
    }
}
