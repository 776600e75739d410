using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Isolation;

namespace Vigia.Tests.Lifecycle.OutsideRoles;

/// <summary>The role of the product's own back end: what it gets, what it never gets, and how it loses it.</summary>
public sealed class ProductRoleTests(PostgresServer server) : IsolationTestBase(server)
{
    private const string Password = "una-clave-del-producto";
    private readonly List<string> _roles = [];
    private string _role = "";

    protected override VigiaSettings Change(VigiaSettings settings) => settings with { ProductDatabaseRole = _role };

    protected override async ValueTask<TenantTemplate?> TemplateAsync()
    {
        _role = await MakeRoleAsync("LOGIN");
        return null;
    }

    protected override async ValueTask EndAsync()
    {
        foreach (var role in _roles)
        {
            await AsSuperuserAsync("postgres", $"DROP ROLE IF EXISTS {role}");
        }
    }

    [Fact]
    public async Task NewTenant_GivesConnectAndTheRightsOfTenantsAndNothingElse()
    {
        var tenant = await ReadyAsync(NewName("producto"));
        await SyncedAsync();

        await using (var session = await OpenAsync(tenant.DatabaseName!, _role))
        {
            Assert.Equal(1L, await ReadAsync(session, "SELECT count(*) FROM users"));
            await DeniedAsync(session, "CREATE TABLE public.t ()");
            await DeniedAsync(session, "UPDATE public.tenant_limits SET max_usuarios = NULL");
            await DeniedAsync(session, "CREATE SCHEMA s");
        }

        await RefusedAsync(Host.Master.Database, _role);
        await using (var program = PythonProgram.Start("docs/product-role.py", ("TENANT_DB_TEMPLATE",
            string.Create(CultureInfo.InvariantCulture,
                $"postgresql+psycopg2://{_role}:{Password}@{Host.Master.Host}:{Host.Master.Port}/{{db_name}}"))))
        {
            var answer = await program.AskAsync(tenant.DatabaseName!, Cancellation);
            Assert.Equal((_role, 1), (answer.GetProperty("role").GetString(), answer.GetProperty("users").GetInt32()));
        }

        var proof = (await LastAsync(tenant))!;
        Assert.Contains(proof.Attempts, a => a is { Code: "outside_role", Outcome: AttemptOutcome.Wanted }
            && a.Target == _role && a.Detail == "CONNECT");
        Assert.Contains(proof.Attempts, a => a is { Code: "outside_role_beyond", Outcome: AttemptOutcome.Refused });
        Assert.True(proof.Verdict is IsolationVerdict.Held or IsolationVerdict.Reported, Lines(proof.Attempts));
    }

    [Fact]
    public async Task Proof_MoreThanConnectAndTheGroup_IsAFinding()
    {
        var tenant = await ReadyAsync(NewName("de-mas"));
        var database = tenant.DatabaseName!;
        (string Where, string Give, string Take, string Finding)[] grants =
        [
            ("postgres", $"ALTER ROLE {_role} CREATEDB", $"ALTER ROLE {_role} NOCREATEDB", "CREATEDB"),
            ("postgres", $"GRANT pg_read_all_data TO {_role}", $"REVOKE pg_read_all_data FROM {_role}",
                "GRANT pg_read_all_data"),
            ("postgres", $"GRANT CREATE ON DATABASE \"{database}\" TO {_role}",
                $"REVOKE CREATE ON DATABASE \"{database}\" FROM {_role}", "CREATE"),
            ("postgres", $"GRANT CONNECT ON DATABASE \"{database}\" TO {_role} WITH GRANT OPTION",
                $"REVOKE GRANT OPTION FOR CONNECT ON DATABASE \"{database}\" FROM {_role}",
                "CONNECT WITH GRANT OPTION"),
            (database, $"GRANT TRUNCATE ON public.users TO {_role}", $"REVOKE TRUNCATE ON public.users FROM {_role}",
                "pg_class"),
        ];
        foreach (var (where, give, take, finding) in grants)
        {
            await AsSuperuserAsync(where, give);
            var proof = await TryAsync(tenant);
            await AsSuperuserAsync(where, take);

            Assert.Equal(IsolationVerdict.Broken, proof.Verdict);
            var found = Assert.Single(proof.Attempts, a => a.Code == "outside_role_beyond");
            Assert.Equal(AttemptOutcome.GotThrough, found.Outcome);
            Assert.StartsWith(finding, found.Detail, StringComparison.Ordinal);
        }

        Assert.NotEqual(IsolationVerdict.Broken, (await TryAsync(tenant)).Verdict);
    }

    [Fact]
    public async Task Setting_AppearsChangesAndGoes_ExistingDatabasesFollowByThemselves()
    {
        var (tenant, trashed) = (await ReadyAsync(NewName("sigue")), await ReadyAsync(NewName("papelera"), "demo"));
        await SyncedAsync();
        var next = await MakeRoleAsync("LOGIN");
        await DeleteAsync(trashed);
        Assert.Equal(0L, await GrantsAsync(_role, DatabaseMarker.TrashNameOf(await MarkerAsync(trashed))));

        await using (var changed = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with { ProductDatabaseRole = next }))
        {
            await SyncedAsync();
            await using (await OpenAsync(tenant.DatabaseName!, next))
            {
            }

            await RefusedAsync(tenant.DatabaseName!, _role);
            Assert.Equal(0L, await MembershipsAsync(_role));
            Assert.Equal(1L, await MembershipsAsync(next));
        }

        await using (var same = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with { ProductDatabaseRole = next }))
        {
            Assert.Equal(2, await OperationsAsync());
        }

        await using var gone = await CoreHost.StartAsync(Server, master: Host.Master);
        await SyncedAsync();
        Assert.Equal(3, await OperationsAsync());
        await RefusedAsync(tenant.DatabaseName!, next);
        Assert.Equal(0L, await MembershipsAsync(next));
        await AsSuperuserAsync("postgres", $"DROP ROLE {next}");
        await using var db = await Host.OpenMasterAsync();
        Assert.Empty(await db.Set<OutsideRole>().ToListAsync(Cancellation));
        Assert.Equal(3, await db.Set<AuditEvent>().CountAsync(
            e => e.Action == "portal.outside_role_changed", Cancellation));
    }

    [Fact]
    public async Task Restore_FromTheTrash_GivesItBack()
    {
        var tenant = await ReadyAsync(NewName("vuelve"), "demo");
        await SyncedAsync();
        await DeleteAsync(tenant);

        var restored = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));

        Assert.True(restored.State == OperationState.Succeeded, $"{restored.Error}");
        await using var session = await OpenAsync(tenant.DatabaseName!, _role);
        Assert.Equal(1L, await ReadAsync(session, "SELECT count(*) FROM users"));
    }

    [Fact]
    public async Task Start_UnfitRole_IsRefusedAndSaysWhy()
    {
        var tenant = await ReadyAsync(NewName("propio"));
        (string Role, string Why)[] unfit =
        [
            (await MakeRoleAsync("SUPERUSER LOGIN"), "SUPERUSER"),
            (await MakeRoleAsync("CREATEROLE LOGIN"), "CREATEROLE"), (await MakeRoleAsync("NOLOGIN"), "can't log in"),
            (await MakeRoleAsync("LOGIN NOINHERIT"), "does not inherit"),
            ("vigia_no_such_role", "has no role"), (PostgresServer.PortalRole, "role of the portal itself"),
            ((await RoleOfAsync(tenant))!, "role of the portal itself"),
        ];
        foreach (var (role, why) in unfit)
        {
            var refused = await Assert.ThrowsAsync<StartupException>(() => CoreHost.StartAsync(
                Server, workers: false, master: Host.Master, change: settings => settings with
                {
                    ProductDatabaseRole = role,
                }));
            Assert.Contains("PRODUCT_DB_ROLE", refused.Message, StringComparison.Ordinal);
            Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        }
    }

    private async Task DeleteAsync(Tenant tenant)
    {
        var deleted = await Host.EndOfAsync(await Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, tenant.Id, new(tenant.Subdomain!, "fin", CoreHost.AdminPassword, 7), Cancellation));
        Assert.True(deleted.State == OperationState.Succeeded, $"{deleted.Error}");
    }

    private async Task<string> MakeRoleAsync(string attributes)
    {
        var role = $"producto_{Guid.NewGuid().ToString("n")[..12]}";
        _roles.Add(role);
        await AsSuperuserAsync("postgres", $"CREATE ROLE {role} {attributes} PASSWORD '{Password}'");
        return role;
    }

    private async Task<string> MarkerAsync(Tenant tenant)
    {
        await using var db = await Host.OpenMasterAsync();
        var master = await Host.ScalarAsync<Guid>(Host.Master.Database, "SELECT master_id FROM portal.instance");
        return DatabaseMarker.ForDatabase(master, await db.Set<ManagedDatabase>()
            .Where(d => d.TenantId == tenant.Id).Select(d => d.Id).SingleAsync(Cancellation));
    }

    private Task SyncedAsync() => Eventually.HoldsAsync("the roles are in step", async () =>
    {
        await using var db = await Host.OpenMasterAsync();
        var kind = new OperationKind("sync_outside_roles");
        var all = await db.Set<Operation>().Where(o => o.Kind == kind).ToListAsync(Cancellation);
        Assert.DoesNotContain(all, o => o.State is OperationState.Failed or OperationState.Waiting);
        return all.Count > 0 && all.TrueForAll(o => o.State == OperationState.Succeeded);
    }, Cancellation, TimeSpan.FromSeconds(60));

    private async Task<int> OperationsAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var kind = new OperationKind("sync_outside_roles");
        return await db.Set<Operation>().CountAsync(o => o.Kind == kind, Cancellation);
    }

    private Task<long> GrantsAsync(string role, string database) => Host.ScalarAsync<long>("postgres", $"""
        SELECT count(*) FROM pg_database d, aclexplode(d.datacl) a
        WHERE d.datname = '{database}' AND a.grantee = '{role}'::regrole
        """);

    private Task<long> MembershipsAsync(string role) => Host.ScalarAsync<long>("postgres", $"""
        SELECT count(*) FROM pg_auth_members WHERE member = '{role}'::regrole AND roleid = 'vigia_tenant'::regrole
        """);

    private Task<NpgsqlConnection> OpenAsync(string database, string role) => PostgresSessions.OpenAsync(
        Host.Master.WithDatabase(database).WithUser(role, Password).ToConnectionStringBuilder(), Cancellation);

    private async Task RefusedAsync(string database, string role)
    {
        var refused = await Assert.ThrowsAsync<PostgresException>(() => OpenAsync(database, role));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    private static async Task DeniedAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }

    private static async Task<long> ReadAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
