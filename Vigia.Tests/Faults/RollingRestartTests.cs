using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal;
using Vigia.Tests.Browser;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.TenantSide;
using static Microsoft.Playwright.Assertions;

namespace Vigia.Tests.Faults;

/// <summary>
/// One instance is stopped while another one goes on. Nobody loses what they were typing, the operation that ran on the
/// stopped one ends on the other, and with the staff's side stopped, the users of tenants still sign in.
/// </summary>
public sealed class RollingRestartTests(RollingRestartTests.Rolling host, Chromium chromium)
    : BrowserTest(host, chromium), IClassFixture<RollingRestartTests.Rolling>
{
    private const long GateKey = 4_712;

    [Fact]
    public async Task Restart_OfOneInstanceAfterTheOther_LosesNoFormAndNoOperation()
    {
        Expected.AddRange(["WebSocket", "ERR_", "Connection disconnected", "Failed to", "Cannot send data", "503"]);
        var tenant = new TenantWorld(host, await host.ReadyTenantAsync(host.TenantName), host.TenantName);
        await tenant.AddUserAsync("rosa");
        await using var gate = await PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl(host.Master.Database), Cancellation);
        await ExecuteAsync(gate, $"""
            CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_advisory_xact_lock({GateKey});
                RETURN NEW;
            END $$;
            CREATE TRIGGER test_gate BEFORE UPDATE ON portal.operation_steps FOR EACH ROW
                WHEN (NEW.name = 'create_database' AND NEW.state = 'done' AND OLD.state <> 'done')
                EXECUTE FUNCTION test_gate();
            SELECT pg_advisory_lock({GateKey})
            """);
        var page = await SignedInAsync(PortalUrls.NewTenant);
        await page.Locator("#razon_social").FillAsync("A Medias S.A.C.");
        await page.Locator("#contacto_nombre").FillAsync("Quilla Ñusta");
        var (id, operation) = await host.RegisterAsync(PortalTenants.NewName("relevo"));
        await Eventually.HoldsAsync("the first instance stands in the operation", async () =>
            await CountAsync($"""
                SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {GateKey} AND NOT granted
                """) > 0, Cancellation, TimeSpan.FromSeconds(60));

        await using var second = host.Start();
        await second.WaitUntilReadyAsync(Cancellation);
        host.Line.LeadTo(second.Address.Port);
        var stopped = await host.First.StopAsync(Cancellation);

        Assert.True(stopped.ExitCode == 0, stopped.Error);
        await ExecuteAsync(gate, "SELECT pg_advisory_unlock_all()");
        await host.ReachAsync(operation!.Value, OperationState.Succeeded);
        Assert.Equal(TenantState.Ready, await StateAsync(id));
        Assert.Equal(1, await CountAsync(
            $"SELECT count(*) FROM portal.audit_events WHERE tenant_id = {id} AND action = 'tenant.provisioned'"));
        await Expect(page.GetByText(new Regex("Recuperamos lo que escribió")))
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.Locator("#razon_social")).ToHaveValueAsync("A Medias S.A.C.");
        await Expect(page.Locator("#contacto_nombre")).ToHaveValueAsync("Quilla Ñusta");

        await using var tenantSide = host.Start("tenant");
        await tenantSide.WaitUntilReadyAsync(Cancellation);
        await second.StopAsync(Cancellation);
        using var nobody = new TenantCalls(tenantSide.Address, host.TenantName, null);
        await Eventually.HoldsAsync("the catalogue knows the tenant", async () =>
            (await nobody.LoginAsync("rosa", TenantSideHost.Password)).Status is 200, Cancellation);
        Assert.Equal(404, (await nobody.GetAsync("/api/v1/admin/clientes")).Status);
    }

    private async Task<TenantState> StateAsync(int id)
    {
        TenantState? state = null;
        await host.InMasterAsync(async db => state = (await db.Set<Tenant>().FindAsync(id))!.State);
        return state!.Value;
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var session = await PostgresServer.OpenAsync(
            host.Postgres.SuperuserUrl(host.Master.Database), Cancellation);
        await using var command = new NpgsqlCommand(sql, session);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>
    /// A balancer in front of instances of the real program. The portal in this process only supplies the services of
    /// the test: it runs no operations, and nobody opens its pages.
    /// </summary>
    public sealed class Rolling(PostgresServer server) : TenantSideHost(server)
    {
        private PortalProcess? _first;
        private TcpProxy? _line;

        /// <summary>The instance that runs from the start.</summary>
        public PortalProcess First => _first!;

        /// <summary>The proxy that the browsers connect to.</summary>
        public TcpProxy Line => _line!;

        public string TenantName { get; } = PortalTenants.NewName("abierta");

        public override Uri BrowserAddress => new($"http://127.0.0.1:{Line.Port}");

        protected override async Task FillAsync()
        {
            _first = Start();
            await _first.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
            _line = TcpProxy.InFrontOf("127.0.0.1", _first.Address.Port);
        }

        /// <summary>Starts an instance.</summary>
        public PortalProcess Start(string roles = "staff,tenant,worker") => PortalProcess.Start(
            [], new Dictionary<string, string>
            {
                ["MASTER_DATABASE_URL"] = Master.ToTextWithPassword(),
                ["TENANT_DB_TEMPLATE"] = Postgres.PortalUrl("db_name").ToTextWithPassword()
                    .Replace("db_name", "{db_name}", StringComparison.Ordinal),
                ["SAAS_BASE_DOMAIN"] = Domain, ["SECRET_KEY"] = SecretKey, ["VIGIA_ROLES"] = roles,
                ["Staff__RequireSecondFactor"] = "None", ["Operations__Lease"] = "00:00:05",
                ["TenantSide__BcryptCost"] = "10",
            });

        public override async ValueTask DisposeAsync()
        {
            if (_first is not null)
            {
                await _first.DisposeAsync();
            }

            if (_line is not null)
            {
                await _line.DisposeAsync();
            }

            await base.DisposeAsync();
            GC.SuppressFinalize(this);
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.UseSetting("VIGIA_ROLES", "staff,tenant");
        }
    }
}
