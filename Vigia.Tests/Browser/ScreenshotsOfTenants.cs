using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Npgsql;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Tenants;
using Vigia.Portal;
using Vigia.Tests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Browser;

/// <summary>Pictures of a long list of tenants, of a proof of isolation, and of a provisioning that runs.</summary>
/// <inheritdoc cref="Screenshots"/>
public sealed class ScreenshotsOfTenants(ScreenshotsOfTenants.Busy host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<ScreenshotsOfTenants.Busy>
{
    [Theory(Explicit = true)]
    [MemberData(nameof(Screenshots.Looks), MemberType = typeof(Screenshots))]
    public async Task Take(string language, bool dark, int width)
    {
        var look = new Look(language, dark, width);
        var suffix = Screenshots.Suffix(look);
        var page = await SignedInAsync(PortalUrls.Tenants, look);
        await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
        await Screenshots.SaveAsync(page, $"clientes-muchos-{suffix}");

        await page.GotoAsync(PortalUrls.TenantDatabase(host.ProvedId));
        await page.Locator(".attempts summary").First.ClickAsync();
        // Scrolls it to just below the header, which stays at the top of the window.
        await page.EvaluateAsync(
            "scrollTo(0, scrollY + document.querySelector('#isolation-title').getBoundingClientRect().top - 90)");
        await Screenshots.SaveAsync(page, $"aislamiento-{suffix}");
        await ProvisioningAsync(page, suffix);
    }

    private async Task ProvisioningAsync(IPage page, string suffix)
    {
        await using var gate = await CloseGateAsync("isolate");
        var (tenant, operation) = await host.AddAsync(
            "Botica Santa Rosa S.A.C.", $"santa-rosa-{suffix}", provision: true);
        await page.GotoAsync(PortalUrls.Tenant(tenant));
        await Expect(page.Locator(".step-done")).ToHaveCountAsync(3);
        await Expect(page.Locator(".step-running")).ToHaveCountAsync(1);
        await Screenshots.SaveAsync(page, $"cliente-creandose-{suffix}");
        await page.GotoAsync(PortalUrls.Panel);
        await Expect(page.Locator(".table tbody tr")).ToHaveCountAsync(1);
        await Screenshots.SaveAsync(page, $"panel-muchos-{suffix}");
        await page.GotoAsync(PortalUrls.Operations);
        await Expect(page.Locator(".table tbody tr")).Not.ToHaveCountAsync(0);
        await Screenshots.SaveAsync(page, $"operaciones-muchas-{suffix}");
        await gate.DisposeAsync();
        await Host.ReachAsync(operation!.Value, OperationState.Succeeded);
    }

    // The step does its work. The record that it is done waits until this session ends.
    private async Task<NpgsqlConnection> CloseGateAsync(string step)
    {
        var session = await PostgresServer.OpenAsync(
            Host.Postgres.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            SELECT pg_advisory_lock(8151);
            CREATE OR REPLACE FUNCTION test_picture_gate() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_advisory_xact_lock(8151); RETURN NEW; END $$;
            CREATE OR REPLACE TRIGGER test_picture_gate BEFORE UPDATE ON portal.operation_steps FOR EACH ROW
            WHEN (NEW.name = '{step}' AND NEW.state = 'done' AND OLD.state <> 'done')
            EXECUTE FUNCTION test_picture_gate();
            """, session);
        await command.ExecuteNonQueryAsync(Cancellation);
        return session;
    }

    /// <summary>A portal with more tenants than one page of the list shows; some have a database.</summary>
    public sealed class Busy(PostgresServer server) : PortalHost(server)
    {
        private static readonly string[] Kinds =
            ["Laboratorios", "Droguería", "Farmacéutica", "Biofarma", "Química"];

        private static readonly string[] Names =
            ["Amazonas", "Ayacucho", "Cajamarca", "Chachapoyas", "Huancayo", "Mantaro", "Moquegua", "Ñusta",
                "Pachacútec", "Sacsayhuamán", "Tumbes", "Urubamba"];

        private static readonly string[] Plans = ["basico", "profesional", "empresarial", "personalizado"];

        private int _number = 700;

        /// <summary>A tenant with two proofs of isolation.</summary>
        public int ProvedId { get; private set; }

        /// <summary>Registers a tenant and, if <paramref name="provision"/> is true, creates its database.</summary>
        public async Task<(int TenantId, Guid? OperationId)> AddAsync(string name, string subdomain, bool provision)
        {
            var number = ++_number;
            await using var scope = Scope();
            var registered = await scope.ServiceProvider.GetRequiredService<TenantRegistration>().RegisterAsync(
                await AdministratorAsync(), new RegisterTenant
                {
                    Ruc = Rucs.Next(number),
                    Subdomain = subdomain,
                    Provision = provision,
                    Details = new TenantDetails
                    {
                        LegalName = name, AccessEmail = $"admin@{subdomain}.pe", Plan = Plans[number % Plans.Length],
                        Environment = number % 6 == 0 ? "demo" : "produccion", MaxUsers = 5 * (1 + (number % 7)),
                    },
                }, TestContext.Current.CancellationToken);
            return (registered.TenantId, registered.OperationId);
        }

        protected override async Task FillAsync()
        {
            await PrepareServerAsync();
            var ids = new List<int>();
            foreach (var number in Enumerable.Range(0, Kinds.Length * Names.Length))
            {
                var name = Names[number % Names.Length];
                var kind = Kinds[number / Names.Length];
                var (tenant, operation) = await AddAsync(
                    $"{kind} {name} S.A.C.", $"{Plain(kind)[..4]}-{Plain(name)}",
                    provision: kind == Kinds[3] && number % 6 != 5);
                if (operation is not { } provisioning) continue;
                await this.ReachAsync(provisioning, OperationState.Succeeded);
                ids.Add(tenant);
            }

            ProvedId = ids[0];
            await using var scope = Scope();
            await this.ReachAsync(
                await scope.ServiceProvider.GetRequiredService<IsolationService>().ProveAsync(
                    await AdministratorAsync(), ProvedId, TestContext.Current.CancellationToken),
                OperationState.Succeeded);
            await this.ReachAsync(
                await scope.ServiceProvider.GetRequiredService<TenantBulk>().StartAsync(
                    await AdministratorAsync(), new TenantBulkRequest(Suspends: true, "falta_de_pago"), ids[2..4],
                    TestContext.Current.CancellationToken),
                OperationState.Succeeded);
        }

        // Does the same as the command prepare-server, so that the proof of isolation reports no warnings.
        private async Task PrepareServerAsync()
        {
            foreach (var sql in new[]
            {
                "REVOKE ALL ON DATABASE postgres FROM PUBLIC", "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
                $"GRANT CONNECT ON DATABASE postgres TO {SqlIdentifier.Quote(Master.Username)}",
            })
            {
                await PostgresServer.ExecuteAsync(
                    Postgres.SuperuserUrl("postgres"), sql, TestContext.Current.CancellationToken);
            }
        }

        // A sub-domain has only ASCII letters.
        private static string Plain(string name) => string.Concat(
            name.ToLowerInvariant().Select(letter => letter switch
            {
                'á' => 'a',
                'é' => 'e',
                'í' => 'i',
                'ó' => 'o',
                'ú' => 'u',
                'ñ' => 'n',
                _ => letter,
            }));
    }
}
