using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>
/// Tenants' roles grant rights to each other, which nothing forbids. This must stop neither a deletion nor a rotation.
/// </summary>
public sealed class HostileGrantTests(PostgresServer server) : IsolationTestBase(server)
{
    protected override void Configure(IServiceCollection services) => services.Configure<IsolationOptions>(o =>
    {
        o.KeepReplacedRoleFor = TimeSpan.Zero;
        o.LookAgainAfter = TimeSpan.FromMilliseconds(100);
    });

    [Fact]
    public async Task Grants_BetweenTwoTenants_AreReportedAndRemoved()
    {
        var (a, b) = (await ReadyAsync(NewName("uno"), "demo"), await ReadyAsync(NewName("dos"), "demo"));
        var firstOfB = await RoleOfAsync(b);
        await GrantAsync(a, b);
        await GrantAsync(b, a);

        // Nobody can use this right: it is to be cleaned up, but the isolation is not broken. The same holds in the
        // proof that a person requests, which ends well.
        var proof = await ProveAsync(a);
        Assert.True(proof.State == OperationState.Succeeded, $"{proof.Error}");
        var last = (await LastAsync(a))!;
        Assert.True(last.Verdict == IsolationVerdict.Cleanup, Lines(last.Attempts));
        Assert.Equal(
            [$"default_privileges ", $"granted_elsewhere {b.DatabaseName}", $"grants_to_others {firstOfB}"],
            last.Attempts.Where(t => t.Outcome == AttemptOutcome.ToClean).Select(t => $"{t.Code} {t.Target}")
                .Order(StringComparer.Ordinal));

        // The role that is replaced is held by its own default privileges and by those of another tenant. A grant in
        // another database is reported first.
        var foreign = (await Server.CreateDatabaseAsync(null, null, Cancellation)).Database;
        await AsSuperuserAsync(foreign, $"SELECT lo_create(1); GRANT SELECT ON LARGE OBJECT 1 TO {firstOfB}");
        var rotation = await Host.Get<CredentialService>().RotateAsync(Host.Admin, b.Id, "cambio", Cancellation);
        var waits = await Host.EndOfAsync(rotation);
        Assert.Equal((OperationState.Waiting, "holder_role_grants"), (waits.State, waits.Error!.Parts.Single().Code));
        await AsSuperuserAsync(waits.Error.Parts[0].Args[0], waits.Error.Parts[0].Args[1]);

        // An open transaction locks the catalogue row that lists the old role. It holds nothing of the role itself and
        // is ended.
        await using var open = await Host.Get<TenantConnections>().OpenAsync(b.Id, b.DatabaseName!, Cancellation);
        await ExecuteAsync(open, $"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {firstOfB}");
        await ExecuteAsync(open, "BEGIN; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC");
        await Host.Get<OperationService>().RetryAsync(Host.Admin, rotation, Cancellation);
        await AssertEndsWellAsync(rotation);
        Assert.NotEqual(firstOfB, await RoleOfAsync(b));
        Assert.Equal(0L, await RolesAsync(firstOfB!));
        Assert.Equal("b's own", await LargeObjectAsync(b));
        await Server.DropDatabaseAsync(foreign, Cancellation);

        // B is deleted while A, whose catalogues list B's role, lies in the trash for days. A is restored as it was.
        await GrantAsync(a, b, create: false);
        await AssertEndsWellAsync(await AskAsync(a, 7));
        var secondOfB = await RoleOfAsync(b);
        await AssertEndsWellAsync(await AskAsync(b, 0));
        Assert.Equal(0L, await RolesAsync(secondOfB!));
        var trashed = await Host.ScalarAsync<string>(
            Host.Master.Database, $"SELECT name FROM portal.databases WHERE tenant_id = {a.Id}");
        Assert.False(await Host.ScalarAsync<bool>(
            "postgres", $"SELECT datallowconn FROM pg_database WHERE datname = '{trashed}'"));
        Assert.True(await Host.ScalarAsync<bool>(
            "postgres", $"SELECT has_database_privilege('{await RoleOfAsync(a)}', '{trashed}', 'CONNECT')"));

        // The same condition as after the portal was killed while the database in the trash was open to it.
        await AsSuperuserAsync(
            "postgres",
            $"REVOKE CONNECT ON DATABASE {trashed} FROM {await RoleOfAsync(a)}; "
            + $"ALTER DATABASE {trashed} ALLOW_CONNECTIONS true");
        await AssertEndsWellAsync(await Host.Get<TrashService>().RestoreAsync(Host.Admin, a.Id, null, Cancellation));
        Assert.Equal("a's own", await LargeObjectAsync(a));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Delete_AnotherTenantGrantsConstantly_StillEnds()
    {
        var (a, b) = (await ReadyAsync(NewName("terca"), "demo"), await ReadyAsync(NewName("victima"), "demo"));
        var role = await RoleOfAsync(b);
        await GrantAsync(a, b);

        // Rights in a database that stays closed can't be revoked. This is reported before anything of the other tenant
        // is closed.
        await AsSuperuserAsync(
            "postgres", $"ALTER DATABASE {SqlIdentifier.Quote(a.DatabaseName!)} ALLOW_CONNECTIONS false");
        var id = await AskAsync(b, 0);
        var waits = await Host.EndOfAsync(id);
        Assert.Equal((OperationState.Waiting, "holder_closed_database"),
            (waits.State, waits.Error?.Parts.Single().Code));
        Assert.Equal("look", waits.Steps.Single(s => s.State == StepState.Failed).Name);
        await AsSuperuserAsync(waits.Error!.Parts[0].Args[0], waits.Error.Parts[0].Args[1]);

        // A session that only locks the row that lists the role, through a right that was granted before.
        await using var quiet = await Host.Get<TenantConnections>().OpenAsync(a.Id, a.DatabaseName!, Cancellation);
        await ExecuteAsync(quiet, $"SELECT lo_create(8); GRANT SELECT ON LARGE OBJECT 8 TO {role}");
        await ExecuteAsync(quiet, "BEGIN; GRANT SELECT ON LARGE OBJECT 8 TO PUBLIC");

        // One session has an open transaction that grants, another session grants again and again.
        await using var open = await Host.Get<TenantConnections>().OpenAsync(a.Id, a.DatabaseName!, Cancellation);
        await ExecuteAsync(open, $"SELECT lo_create(9); BEGIN; GRANT SELECT ON LARGE OBJECT 9 TO {role}");

        // Another session locks the other database from its own: a role may set its own parameters for any database.
        await using var setting = await Host.Get<TenantConnections>().OpenAsync(a.Id, a.DatabaseName!, Cancellation);
        await ExecuteAsync(
            setting,
            $"BEGIN; ALTER ROLE CURRENT_USER IN DATABASE {SqlIdentifier.Quote(b.DatabaseName!)} SET work_mem = '4MB'");
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var (granted, loop) = (0, Task.CompletedTask);
        loop = Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                try
                {
                    await using var session = await Host.Get<TenantConnections>()
                        .OpenAsync(a.Id, a.DatabaseName!, Cancellation);
                    while (!over.IsCancellationRequested)
                    {
                        await ExecuteAsync(session,
                            $"GRANT SELECT ON LARGE OBJECT 7 TO {role}; "
                            + $"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}");
                        Interlocked.Increment(ref granted);
                    }
                }
                catch (NpgsqlException)
                {
                    // The session was ended or the role is gone. The loop tries again, as an attacker would.
                    await Task.Yield();
                }
            }
        }, Cancellation);
        await Eventually.HoldsAsync("it grants", () => Task.FromResult(granted > 5), Cancellation);

        await Host.Get<OperationService>().RetryAsync(Host.Admin, id, Cancellation);
        var delete = await Host.EndOfAsync(id);
        await over.CancelAsync();
        await loop;

        Assert.True(delete.State == OperationState.Succeeded, $"{delete.State}: {delete.Error}");
        Assert.Equal(0L, await RolesAsync(role!));
        Assert.Equal("a's own", await LargeObjectAsync(a));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    // Grants rights to another tenant's role, as default privileges and on a large object.
    private async Task GrantAsync(Tenant from, Tenant to, bool create = true)
    {
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(from.Id, from.DatabaseName!, Cancellation);
        if (create)
        {
            var owner = from.Subdomain!.StartsWith("dos", StringComparison.Ordinal) ? "b" : "a";
            await ExecuteAsync(session, $"SELECT lo_from_bytea(7, '{owner}''s own')");
        }

        await ExecuteAsync(session,
            $"GRANT SELECT ON LARGE OBJECT 7 TO {await RoleOfAsync(to)}; "
            + $"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {await RoleOfAsync(to)}");
    }

    private async Task<string?> LargeObjectAsync(Tenant tenant)
    {
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await using var command = new NpgsqlCommand("SELECT convert_from(lo_get(7), 'UTF8')", session);
        return (string?)await command.ExecuteScalarAsync(Cancellation);
    }

    private async Task AssertEndsWellAsync(Guid id)
    {
        var ended = await Host.EndOfAsync(id);
        Assert.True(ended.State == OperationState.Succeeded, $"{ended.Kind} {ended.State}: {ended.Error}");
    }

    private Task<Guid> AskAsync(Tenant tenant, int days) =>
        Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id,
                new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword, days),
            Cancellation);

    // Role names belong to the whole server: another master may use one as soon as it is free.
    private async Task<long> RolesAsync(string role) => await Host.ScalarAsync<long>(
        "postgres",
        $"SELECT count(*) FROM pg_roles WHERE rolname = '{role}' "
        + $"AND shobj_description(oid, 'pg_authid') LIKE '%{await MasterAsync()}%'");

    private Task<Guid> MasterAsync() =>
        Host.ScalarAsync<Guid>(Host.Master.Database, "SELECT master_id FROM portal.instance");

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
