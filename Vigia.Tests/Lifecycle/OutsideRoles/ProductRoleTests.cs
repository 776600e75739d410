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
        var other = await MakeRoleAsync("LOGIN");
        (string Where, string Give, string Take, string Finding)[] wide =
        [
            ("postgres", $"ALTER ROLE {_role} CREATEDB", $"ALTER ROLE {_role} NOCREATEDB", "CREATEDB"),
            ("postgres", $"GRANT pg_read_all_data TO {_role}", $"REVOKE pg_read_all_data FROM {_role}",
                "GRANT pg_read_all_data"),
            ("postgres", $"GRANT vigia_tenant TO {_role} WITH ADMIN OPTION",
                $"REVOKE ADMIN OPTION FOR vigia_tenant FROM {_role} CASCADE", "ADMIN OPTION vigia_tenant"),
            ("postgres", $"GRANT {_role} TO {other}", $"REVOKE {_role} FROM {other}", $"MEMBER {other}"),
            ("postgres", $"GRANT CONNECT ON DATABASE \"{Host.Master.Database}\" TO {_role}",
                $"REVOKE CONNECT ON DATABASE \"{Host.Master.Database}\" FROM {_role}",
                $"CONNECT ON DATABASE {Host.Master.Database}"),
            ("postgres", $"GRANT CREATE ON TABLESPACE pg_default TO {_role}",
                $"REVOKE CREATE ON TABLESPACE pg_default FROM {_role}", "pg_tablespace"),
        ];
        foreach (var (where, give, take, finding) in wide)
        {
            await AsSuperuserAsync(where, give);
            var proof = await TryAsync(tenant);
            await AsSuperuserAsync(where, take);

            // The whole server has the problem, so no tenant is stopped because of it.
            Assert.True(IsolationVerdict.Reported == proof.Verdict, Lines(proof.Attempts));
            var found = Assert.Single(proof.Attempts, a => a.Code == "outside_role_wide");
            Assert.StartsWith(finding, found.Detail, StringComparison.Ordinal);
        }

        (string Where, string Give, string Take, string Finding)[] grants =
        [
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

        await AsSuperuserAsync("postgres", $"GRANT CONNECT ON DATABASE \"{database}\" TO {other}");
        var unlisted = await TryAsync(tenant);
        await AsSuperuserAsync("postgres", $"REVOKE CONNECT ON DATABASE \"{database}\" FROM {other}");
        Assert.Equal(IsolationVerdict.Broken, unlisted.Verdict);
        Assert.Contains(unlisted.Attempts, a => a is { Code: "outside_role_unlisted" } && a.Target == other);

        await AsSuperuserAsync("postgres", $"REVOKE CONNECT ON DATABASE \"{database}\" FROM {_role}");
        var without = await TryAsync(tenant);
        Assert.Equal(IsolationVerdict.Reported, without.Verdict);
        Assert.Contains(without.Attempts,
            a => a is { Code: "outside_role_without", Outcome: AttemptOutcome.GotThrough } && a.Target == _role);
    }

    [Fact]
    public async Task Setting_RoleMovesToThePoolerAndBack_KeepsOnlyWhatItsPurposeNeeds()
    {
        var tenant = await ReadyAsync(NewName("cambia"));
        await SyncedAsync();
        var next = await MakeRoleAsync("LOGIN");
        foreach (var (product, pooler) in new[] { (next, _role), (_role, next) })
        {
            await using var changed = await CoreHost.StartAsync(
                Server, master: Host.Master, change: settings => settings with
                {
                    ProductDatabaseRole = product, PoolerAuthRole = pooler,
                });
            await SyncedAsync();

            Assert.Equal((1L, 0L), (await MembershipsAsync(product), await MembershipsAsync(pooler)));
            await using (await OpenAsync(tenant.DatabaseName!, product))
            await using (await OpenAsync(tenant.DatabaseName!, pooler))
            {
            }

            foreach (var (role, mayCall) in new[] { (product, false), (pooler, true) })
            {
                Assert.Equal(mayCall, await Host.ScalarAsync<bool>(tenant.DatabaseName!,
                    $"SELECT has_function_privilege('{role}', 'vigia_pooler.find_log_in(text)', 'EXECUTE')"));
            }
        }
    }

    [Fact]
    public async Task Role_MissingOnTheServer_DoesNotStopWorkOnTenants()
    {
        await SyncedAsync();
        await AsSuperuserAsync("postgres", $"DROP ROLE {_role}");

        var tenant = await ReadyAsync(NewName("sin-rol"), "demo");
        await DeleteAsync(tenant);
        var restored = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));

        Assert.True(restored.State == OperationState.Succeeded, $"{restored.Error}");
    }

    [Fact]
    public async Task Sync_OneDatabaseIsBusyAndTheNewRoleIsMissing_TheOthersLoseTheFormerRole()
    {
        var (busy, other) = (await ReadyAsync(NewName("ocupada")), await ReadyAsync(NewName("libre")));
        await SyncedAsync();
        await using (var holder = await PostgresSessions.OpenAsync(
            Server.SuperuserUrl("postgres").ToConnectionStringBuilder(), Cancellation))
        await using (var transaction = await holder.BeginTransactionAsync(Cancellation))
        {
            await using var hold = new NpgsqlCommand(
                $"GRANT CONNECT ON DATABASE \"{busy.DatabaseName}\" TO pg_monitor", holder);
            await hold.ExecuteNonQueryAsync(Cancellation);
            await AsSuperuserAsync(Host.Master.Database, """
                UPDATE portal.outside_roles SET is_wanted = false;
                INSERT INTO portal.outside_roles (purpose, role_name, is_wanted, changed_at)
                VALUES ('product', 'vigia_no_such_role', true, now())
                """);
            await using var start = await CoreHost.StartAsync(
                Server, workers: false, master: Host.Master, change: settings => settings with
                {
                    ProductDatabaseRole = null,
                });
            await Eventually.HoldsAsync("the free database is closed to the former role",
                async () => await GrantsAsync(_role, other.DatabaseName!) == 0, Cancellation);
            Assert.Equal(0L, await MembershipsAsync(_role));
        }

        await Eventually.HoldsAsync("the busy one is too",
            async () => await GrantsAsync(_role, busy.DatabaseName!) == 0, Cancellation, TimeSpan.FromSeconds(60));
        var operation = await LastAsync();
        Assert.Equal("outside_role_missing", (await Host.EndOfAsync(operation.Id)).Error?.Code);
        Assert.False(Host.Get<OperationService>().CanCancel(operation));
    }

    [Fact]
    public async Task Group_GivenByAnotherRole_IsNotForgottenAndSaysHowToEndIt()
    {
        await SyncedAsync();
        await AsSuperuserAsync("postgres", $"GRANT vigia_tenant TO {_role}");
        await using var gone = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with { ProductDatabaseRole = "none" });
        var ended = await Host.EndOfAsync((await LastAsync()).Id);

        // Before PostgreSQL 16 a role has one membership, whoever gave it, and it is gone.
        if (await MembershipsAsync(_role) == 0)
        {
            Assert.Equal(OperationState.Succeeded, ended.State);
            return;
        }

        Assert.Equal("outside_role_stays_in_group", ended.Error?.Code);
        await using var db = await Host.OpenMasterAsync();
        Assert.Single(await db.Set<OutsideRole>().ToListAsync(Cancellation));
        await AsSuperuserAsync("postgres", ended.Error!.Args[2]);
        await using var again = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with { ProductDatabaseRole = "none" });
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync((await LastAsync()).Id)).State);
        Assert.Empty(await db.Set<OutsideRole>().ToListAsync(Cancellation));
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

        // A variable that one instance lacks takes nothing away.
        await using (var absent = await CoreHost.StartAsync(Server, master: Host.Master))
        {
            Assert.Equal(2, await OperationsAsync());
        }

        await using var gone = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with { ProductDatabaseRole = "none" });
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
            (await MakeRoleAsync("LOGIN IN ROLE pg_read_all_settings"), "pg_read_all_settings"),
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

    private async Task<Operation> LastAsync()
    {
        await using var db = await Host.OpenMasterAsync();
        var kind = new OperationKind("sync_outside_roles");
        return await db.Set<Operation>().Where(o => o.Kind == kind).OrderByDescending(o => o.CreatedAt)
            .FirstAsync(Cancellation);
    }

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
