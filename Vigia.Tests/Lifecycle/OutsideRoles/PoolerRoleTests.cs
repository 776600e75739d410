using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Isolation;

namespace Vigia.Tests.Lifecycle.OutsideRoles;

/// <summary>
/// A real PgBouncer in transaction mode that looks up the tenants' verifiers with a role of its own, which is no
/// superuser.
/// </summary>
public sealed class PoolerRoleTests(PostgresServer server) : IsolationTestBase(server)
{
    private const string Password = "una-clave-del-pooler";
    private readonly string _role = $"pooler_{Guid.NewGuid().ToString("n")[..12]}";
    private PgBouncer? _bouncer;

    protected override VigiaSettings Change(VigiaSettings settings) => settings with { PoolerAuthRole = _role };

    protected override async ValueTask<TenantTemplate?> TemplateAsync()
    {
        await AsSuperuserAsync("postgres", $"CREATE ROLE {_role} LOGIN PASSWORD '{Password}'");
        _bouncer = await PgBouncer.StartAsync(Server, Cancellation, authRole: (_role, Password));
        Assert.True(TenantTemplate.TryRead(_bouncer.Template, out var template, out _));
        return template;
    }

    protected override void Configure(IServiceCollection services) => services.Configure<IsolationOptions>(o =>
    {
        o.KeepReplacedRoleFor = TimeSpan.Zero;
        o.LookAgainAfter = TimeSpan.FromMilliseconds(100);
    });

    protected override async ValueTask EndAsync()
    {
        if (_bouncer is not null)
        {
            await _bouncer.DisposeAsync();
        }

        await AsSuperuserAsync("postgres", $"DROP ROLE {_role}");
    }

    [Fact]
    public async Task Tenants_ThroughPgBouncer_LogInRotateAndDoNotSeeEachOther()
    {
        var (one, other) = (await ReadyAsync(NewName("uno")), await ReadyAsync(NewName("dos")));
        await AssertOpensAsync(one);
        await AssertOpensAsync(other);
        var before = await Host.Get<TenantConnections>().CurrentAsync(one.Id, Cancellation);
        var held = await ThroughAsync(one.DatabaseName!, before);

        var rotation = await Host.Get<CredentialService>().RotateAsync(Host.Admin, one.Id, "prueba", Cancellation);
        await Eventually.HoldsAsync("the older role can't log in", async () =>
        {
            try
            {
                await using var session = await ThroughAsync(one.DatabaseName!, before);
                return false;
            }
            catch (PostgresException)
            {
                return true;
            }
        }, Cancellation);
        await AssertOpensAsync(one);
        await held.DisposeAsync();
        var rotated = await Host.EndOfAsync(rotation);

        Assert.True(rotated.State == OperationState.Succeeded, $"{rotated.Error}");
        var after = await Host.Get<TenantConnections>().CurrentAsync(one.Id, Cancellation);
        Assert.Equal([after.RoleName], await LogInsAsync(one));
        await AssertOpensAsync(one);
        await Assert.ThrowsAsync<PostgresException>(() => ThroughAsync(other.DatabaseName!, after));
        var proof = await Host.EndOfAsync(
            await Service.ProveAsync(Host.Admin, one.Id, Cancellation));
        Assert.True(proof.State == OperationState.Succeeded, $"{proof.Error}");
        Assert.Contains((await LastAsync(one))!.Attempts,
            a => a is { Code: "outside_role", Outcome: AttemptOutcome.Wanted } && a.Target == _role);
    }

    [Fact]
    public async Task PoolerRole_MayCallItsFunctionAndNothingElse()
    {
        var (one, other) = (await ReadyAsync(NewName("uno")), await ReadyAsync(NewName("dos")));
        var mine = await Host.Get<TenantConnections>().CurrentAsync(one.Id, Cancellation);
        var foreign = await Host.Get<TenantConnections>().CurrentAsync(other.Id, Cancellation);
        await using (var session = await PostgresSessions.OpenAsync(
            Host.Master.WithDatabase(one.DatabaseName!).WithUser(_role, Password).ToConnectionStringBuilder(),
            Cancellation))
        {
            Assert.Equal(
                1L, await ScalarAsync(session, $"SELECT count(*) FROM vigia_pooler.find_log_in('{mine.RoleName}')"));
            Assert.Equal(
                0L, await ScalarAsync(session, $"SELECT count(*) FROM vigia_pooler.find_log_in('{foreign.RoleName}')"));
            Assert.Equal(
                0L, await ScalarAsync(session, "SELECT count(*) FROM vigia_pooler.find_log_in(current_user)"));
            foreach (var denied in new[]
            {
                "SELECT count(*) FROM vigia_pooler.log_ins", "SELECT count(*) FROM public.users",
                "SELECT count(*) FROM pg_authid",
            })
            {
                var refused = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(session, denied));
                Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
            }
        }

        await using (var tenant = await Host.Get<TenantConnections>().OpenAsync(
            one.Id, one.DatabaseName!, Cancellation))
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(
                () => ScalarAsync(tenant, $"SELECT count(*) FROM vigia_pooler.find_log_in('{mine.RoleName}')"));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }

        Assert.NotEqual(IsolationVerdict.Broken, (await TryAsync(one)).Verdict);
        await AsSuperuserAsync(one.DatabaseName!, $"GRANT SELECT ON vigia_pooler.log_ins TO {_role}");
        var proof = await TryAsync(one);
        await AsSuperuserAsync(one.DatabaseName!, $"REVOKE SELECT ON vigia_pooler.log_ins FROM {_role}");
        Assert.Equal(IsolationVerdict.Broken, proof.Verdict);
        Assert.Contains(proof.Attempts, a => a is { Code: "outside_role_beyond", Outcome: AttemptOutcome.GotThrough });
    }

    [Fact]
    public async Task Setting_SetAndRemoved_ExistingDatabasesFollow()
    {
        await using var plain = await CoreHost.StartAsync(Server, configure: Configure);
        var registered = await plain.Get<Core.Tenants.TenantRegistration>().RegisterAsync(
            plain.Admin, Request(NewName("antes"), r => r with { Provision = true }), Cancellation);
        await plain.EndOfAsync(registered.OperationId!.Value);
        var tenant = (await plain.Get<Core.Tenants.TenantSearch>().GetAsync(
            plain.Admin, registered.TenantId, Cancellation)).View!.Row;
        Assert.Equal(0L, await SchemasAsync(tenant));

        Assert.True(TenantTemplate.TryRead(_bouncer!.Template, out var template, out _));
        await using (var pooled = await CoreHost.StartAsync(
            Server, configure: Configure, master: plain.Master, template: template, change: Change))
        {
            await SyncedAsync(pooled, 1);
            var credential = await pooled.Get<TenantConnections>().CurrentAsync(tenant.Id, Cancellation);
            await using var through = await pooled.Get<TenantConnections>().OpenAsync(
                tenant.Id, tenant.DatabaseName!, Cancellation);
            Assert.Equal(_bouncer.Port, through.Port);
            await using var direct = await PostgresSessions.OpenAsync(
                pooled.Get<TenantConnections>().DirectBuilder(credential, tenant.DatabaseName!), Cancellation);
        }

        // Without a pooler in front of the databases, its role may go.
        await using var gone = await CoreHost.StartAsync(
            Server, configure: Configure, master: plain.Master,
            change: settings => settings with { PoolerAuthRole = "none" });
        await SyncedAsync(gone, 2);
        Assert.Equal(0L, await SchemasAsync(tenant));
        Assert.Equal(0L, await Host.ScalarAsync<long>("postgres", $"""
            SELECT count(*) FROM pg_database d, aclexplode(d.datacl) a
            WHERE d.datname = '{tenant.DatabaseName}' AND a.grantee = '{_role}'::regrole
            """));
    }

    [Fact]
    public async Task PoolerSchema_OfAnotherRole_IsNeitherUsedNorDropped()
    {
        var tenant = await ReadyAsync(NewName("ajeno"));
        var database = tenant.DatabaseName!;
        (string Break, string Mend)[] foreign =
        [
            ("ALTER SCHEMA vigia_pooler OWNER TO postgres",
                $"ALTER SCHEMA vigia_pooler OWNER TO {PostgresServer.PortalRole}"),
            ("COMMENT ON SCHEMA vigia_pooler IS NULL", "COMMENT ON SCHEMA vigia_pooler IS 'vigia:pooler'"),
            ("CREATE RULE r AS ON INSERT TO vigia_pooler.log_ins DO ALSO NOTHING",
                "DROP RULE r ON vigia_pooler.log_ins"),
            ("CREATE TRIGGER t BEFORE UPDATE ON vigia_pooler.log_ins "
                + "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
                "DROP TRIGGER t ON vigia_pooler.log_ins"),
            ("CREATE TABLE vigia_pooler.other ()", "DROP TABLE vigia_pooler.other"),
        ];
        await using var session = await PostgresSessions.OpenAsync(
            Host.Master.WithDatabase(database).ToConnectionStringBuilder(), Cancellation);
        foreach (var (bad, mend) in foreign)
        {
            await AsSuperuserAsync(database, bad);
            foreach (var use in new Func<Task>[]
            {
                () => PoolerSchema.WriteAsync(session, _role, [], Cancellation),
                () => PoolerSchema.ForgetAsync(session, [], Cancellation),
                () => PoolerSchema.DropAsync(session, Cancellation),
            })
            {
                var refused = await Assert.ThrowsAsync<RuleException>(use);
                Assert.Equal("pooler_schema_foreign", refused.Reason.Code);
            }

            await AsSuperuserAsync(database, mend);
        }

        await AsSuperuserAsync(database, $"GRANT USAGE ON SCHEMA vigia_pooler TO vigia_tenant");
        await PoolerSchema.WriteAsync(session, _role, [], Cancellation);
        Assert.False(await Host.ScalarAsync<bool>(
            database, "SELECT has_schema_privilege('vigia_tenant', 'vigia_pooler', 'USAGE')"));
    }

    private static Task SyncedAsync(CoreHost host, long times) => Eventually.HoldsAsync(
        "the roles are in step", async () => await host.ScalarAsync<long>(host.Master.Database, """
            SELECT count(*) FROM portal.operations WHERE kind = 'sync_outside_roles' AND state = 'succeeded'
            """) == times, Cancellation, TimeSpan.FromSeconds(60));

    private async Task AssertOpensAsync(Tenant tenant)
    {
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        Assert.Equal(_bouncer!.Port, session.Port);
        Assert.Equal(1L, await ScalarAsync(session, "SELECT count(*) FROM users"));
    }

    private Task<NpgsqlConnection> ThroughAsync(string database, TenantCredential credential) =>
        Host.Get<TenantConnections>().OpenAsync(credential, database, Cancellation);

    private Task<long> SchemasAsync(Tenant tenant) => Host.ScalarAsync<long>(
        tenant.DatabaseName!, "SELECT count(*) FROM pg_namespace WHERE nspname = 'vigia_pooler'");

    private async Task<string[]> LogInsAsync(Tenant tenant) =>
        (await Host.ScalarAsync<string>(
            tenant.DatabaseName!, "SELECT string_agg(role_name, ',') FROM vigia_pooler.log_ins"))!.Split(',');

    private static async Task<long> ScalarAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
