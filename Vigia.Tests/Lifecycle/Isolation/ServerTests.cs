using Microsoft.Extensions.Configuration;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Postgres;
using Vigia.Portal.Startup;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>
/// A server that belongs to the test: with the defaults of PostgreSQL, prepared, and with a pg_hba.conf that trusts
/// everybody.
/// </summary>
public sealed class ServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_UnpreparedPreparedOrTrusting_IsReportedHeldOrBroken()
    {
        await using var server =
            await PostgresServer.StartNewAsync(
            new PostgresServerOptions { Settings = ["max_wal_senders = 2", "wal_level = replica"] });
        await using var host = await CoreHost.StartAsync(server);
        var tenant = await host.ProvisionedTenantAsync("solo");

        // The defaults of PostgreSQL: the maintenance databases are open. This is reported and blocks nothing.
        var first = await TryAsync(host, tenant.Id, tenant.DatabaseName!);
        Assert.True(first.Verdict == IsolationVerdict.Reported, IsolationTestBase.Lines(first.Attempts));
        Assert.Equal(["postgres", "template1"],
            first.Attempts.Where(a => a.Outcome == AttemptOutcome.GotThrough).Select(a => a.Target));
        Assert.Contains(first.Attempts, a => a is { Code: "replication_connection", Outcome: AttemptOutcome.Refused });
        var preparation = host.Get<ServerPreparation>();
        var openings = (await preparation.ReadAsync(host.Admin, Cancellation)).Found;
        Assert.Equal(["postgres", "template1"], openings.Open.Select(o => o.Name));
        Assert.False(openings.MayClose);
        var refused = await Assert.ThrowsAnyAsync<RuleException>(
            () => preparation.PrepareAsync(host.Admin, Cancellation));
        Assert.Equal("server_not_ours", refused.Reason.Code);

        // The owner of the server runs the command. It prints its statements first and executes them on request.
        var settings = new Dictionary<string, string?>
        { ["MASTER_DATABASE_URL"] = host.Master.ToTextWithPassword(), ["SECRET_KEY"] = CoreHost.Secret };
        await Assert.ThrowsAsync<StartupException>(() => PrepareAsync(settings, consent: true));
        settings["VIGIA_SUPERUSER_URL"] = server.SuperuserUrl("postgres").ToTextWithPassword();
        Assert.Contains("Nothing was done", await PrepareAsync(settings, consent: false), StringComparison.Ordinal);
        Assert.Equal(IsolationVerdict.Reported, (await TryAsync(host, tenant.Id, tenant.DatabaseName!)).Verdict);
        var said = await PrepareAsync(settings, consent: true);
        Assert.Contains("REVOKE ALL ON DATABASE \"template1\" FROM PUBLIC;", said, StringComparison.Ordinal);
        Assert.Contains("GRANT CONNECT ON DATABASE \"postgres\" TO \"vigia_portal\";", said, StringComparison.Ordinal);
        Assert.Contains("is prepared", await PrepareAsync(settings, consent: false), StringComparison.Ordinal);
        Assert.True((await preparation.ReadAsync(host.Admin, Cancellation)).Found.IsPrepared);

        var held = await TryAsync(host, tenant.Id, tenant.DatabaseName!);
        Assert.True(held.Verdict == IsolationVerdict.Held, IsolationTestBase.Lines(held.Attempts));
        await using (await PostgresServer.OpenAsync(server.PortalUrl("postgres"), Cancellation))
        {
            // The portal still has all the rights that it needs.
        }

        // Any login that names the role is accepted. Only an attempt with a wrong password shows this.
        await TrustAsync(server);
        var trusting = await TryAsync(host, tenant.Id, tenant.DatabaseName!);
        Assert.Equal(IsolationVerdict.Broken, trusting.Verdict);
        Assert.Equal(["wrong_password", "empty_password"],
            trusting.Attempts.Where(a => a.Outcome == AttemptOutcome.GotThrough).Select(a => a.Code));
    }

    [Fact]
    public async Task Prepare_PortalIsASuperuser_ClosesTheDatabasesAndIsRecorded()
    {
        await using var server =
            await PostgresServer.StartNewAsync(new PostgresServerOptions { PortalRoleAttributes = "LOGIN SUPERUSER" });
        await using var host = await CoreHost.StartAsync(server, workers: false);

        await Assert.ThrowsAsync<ForbiddenException>(
            () => host.Get<ServerPreparation>()
            .PrepareAsync(host.Admin with { Roles = [StaffRoles.Operator] }, Cancellation));
        await host.Get<ServerPreparation>().PrepareAsync(host.Admin, Cancellation);

        Assert.True((await host.Get<ServerPreparation>().LastAsync(host.Admin, Cancellation))!.Found.IsPrepared);
        Assert.Equal(1L, await host.ScalarAsync<long>(
            host.Master.Database,
            "SELECT count(*) FROM portal.audit_events WHERE action = 'isolation.server_prepared'"));
    }

    [Fact]
    public async Task Migrate_EmptyMaster_RevokesEverythingFromPublic()
    {
        await using var server = await PostgresServer.StartNewAsync(new PostgresServerOptions());
        await PostgresServer.ExecuteAsync(
            server.PortalUrl("postgres"), "CREATE DATABASE llano TEMPLATE template0", Cancellation);
        await using var host = await CoreHost.StartAsync(server, workers: false, master: server.PortalUrl("llano"));

        Assert.Null(await host.ScalarAsync<string>("llano", """
            SELECT string_agg(privilege_type, ',') FROM pg_database, aclexplode(datacl)
            WHERE datname = 'llano' AND grantee = 0
            """));
        Assert.Null(await host.ScalarAsync<string>("llano", """
            SELECT string_agg(nspname, ',') FROM pg_namespace, aclexplode(nspacl)
            WHERE grantee = 0 AND nspname IN ('public', 'portal')
            """));
        Assert.Null(await host.ScalarAsync<string>("llano", """
            SELECT string_agg(relname, ',')
            FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace, aclexplode(relacl)
            WHERE grantee = 0 AND nspname IN ('public', 'portal')
            """));
    }

    private static Task<ProofResult> TryAsync(CoreHost host, int id, string database) =>
        host.Get<IsolationProver>().TryAsync(id, database, null, null, Cancellation);

    private static async Task<string> PrepareAsync(Dictionary<string, string?> settings, bool consent)
    {
        await using var output = new StringWriter();
        await PrepareServerCommand.RunAsync(
            new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), consent, output, Cancellation);
        return output.ToString();
    }

    // The server's own user edits its file, as an administrator in a hurry would.
    private static async Task TrustAsync(PostgresServer server)
    {
        await using var session = await PostgresServer.OpenAsync(server.SuperuserUrl("postgres"), Cancellation);
        await using var where = new Npgsql.NpgsqlCommand("SHOW hba_file", session);
        var file = SqlLiteral.Quote((string)(await where.ExecuteScalarAsync(Cancellation))!);
        await using var trust =
            new Npgsql.NpgsqlCommand(
            $"COPY (SELECT 'host all all 127.0.0.1/32 trust') TO {file}; SELECT pg_reload_conf()", session);
        await trust.ExecuteNonQueryAsync(Cancellation);

        // The postmaster reads the file a moment later.
        await Eventually.HoldsAsync("a wrong password does", async () =>
        {
            try
            {
                await using var connection =
                    await PostgresServer.OpenAsync(
                    server.PortalUrl("postgres").WithUser(PostgresServer.PortalRole, "falsa"), Cancellation);
                return true;
            }
            catch (Npgsql.PostgresException)
            {
                return false;
            }
        }, Cancellation);
    }
}
