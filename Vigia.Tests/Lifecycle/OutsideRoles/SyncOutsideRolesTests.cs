using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.OutsideRoles;

/// <summary>The operation that follows the settings of outside roles, also when not all goes well.</summary>
public sealed class SyncOutsideRolesTests(PostgresServer server) : ProductRoleTestBase(server)
{
    [Fact]
    public async Task Setting_RoleMovesToThePoolerAndBack_KeepsOnlyWhatItsPurposeNeeds()
    {
        var tenant = await ReadyAsync(NewName("cambia"));
        await SyncedAsync();
        var next = await MakeRoleAsync("LOGIN");
        foreach (var (product, pooler) in new[] { (next, Role), (Role, next) })
        {
            await using var changed = await CoreHost.StartAsync(
                Server, master: Host.Master, change: settings => settings with
                {
                    ProductDatabaseRole = product,
                    PoolerAuthRole = pooler,
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
        await AsSuperuserAsync("postgres", $"DROP ROLE {Role}");

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
                async () => await GrantsAsync(Role, other.DatabaseName!) == 0, Cancellation);
            Assert.Equal(0L, await MembershipsAsync(Role));
        }

        await Eventually.HoldsAsync("the busy one is too",
            async () => await GrantsAsync(Role, busy.DatabaseName!) == 0, Cancellation, TimeSpan.FromSeconds(60));
        var operation = await LastAsync();
        Assert.Equal("outside_role_missing", (await Host.EndOfAsync(operation.Id)).Error?.Code);
        Assert.False(Host.Get<OperationService>().CanCancel(operation));
    }

    // It may pass, so it would be tried again and again. The operation can't be cancelled.
    [Fact]
    public async Task Sync_OneDatabaseGivesNoSession_IsItsResultAndTheOthersFollow()
    {
        var (full, other) = (await ReadyAsync(NewName("llena")), await ReadyAsync(NewName("libre")));
        await SyncedAsync();
        var pooler = await MakeRoleAsync("LOGIN");
        await using var held = await PostgresServer.OpenAsync(
            Server.SuperuserUrl(full.DatabaseName!), Cancellation);
        await AsSuperuserAsync("postgres", $"ALTER DATABASE \"{full.DatabaseName}\" CONNECTION LIMIT 1");

        await using var changed = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with
            {
                ProductDatabaseRole = Role,
                PoolerAuthRole = pooler,
            });
        var ended = await Host.EndOfAsync((await LastAsync()).Id);

        Assert.Equal((OperationState.Failed, "items_failed"), (ended.State, ended.Error?.Code));
        await using var db = await Host.OpenMasterAsync();
        var items = await db.Set<OperationItem>().Where(i => i.OperationId == ended.Id)
            .ToDictionaryAsync(i => i.TenantId, Cancellation);
        Assert.Equal((OperationItemState.Failed, "database_unreachable"),
            (items[full.Id].State, items[full.Id].Message?.Code));
        Assert.Equal(OperationItemState.Done, items[other.Id].State);
        await AsSuperuserAsync("postgres", $"ALTER DATABASE \"{full.DatabaseName}\" CONNECTION LIMIT -1");
    }

    [Fact]
    public async Task Group_GivenByAnotherRole_IsNotForgottenAndSaysHowToEndIt()
    {
        await SyncedAsync();
        await AsSuperuserAsync("postgres", $"GRANT vigia_tenant TO {Role}");
        await using var gone = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with { ProductDatabaseRole = "none" });
        var ended = await Host.EndOfAsync((await LastAsync()).Id);

        // Before PostgreSQL 16 a role has one membership, and it is gone.
        if (await MembershipsAsync(Role) == 0)
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
    public async Task Setting_SetChangedAndRemoved_ExistingDatabasesFollow()
    {
        var (tenant, trashed) = (await ReadyAsync(NewName("sigue")), await ReadyAsync(NewName("papelera"), "demo"));
        await SyncedAsync();
        var next = await MakeRoleAsync("LOGIN");
        await DeleteAsync(trashed);
        Assert.Equal(0L, await GrantsAsync(Role, DatabaseMarker.TrashNameOf(await MarkerAsync(trashed))));

        await using (var changed = await CoreHost.StartAsync(
            Server, master: Host.Master, change: settings => settings with { ProductDatabaseRole = next }))
        {
            await SyncedAsync();
            await using (await OpenAsync(tenant.DatabaseName!, next))
            {
            }

            await RefusedAsync(tenant.DatabaseName!, Role);
            Assert.Equal(0L, await MembershipsAsync(Role));
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
}
