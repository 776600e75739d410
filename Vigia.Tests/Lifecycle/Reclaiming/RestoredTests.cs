using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Reclaiming;

/// <summary>
/// A tenant's database was restored from a dump. The portal notices and reports this, other tenants are not affected,
/// and the database is reclaimed.
/// </summary>
public sealed class RestoredTests(PostgresServer server) : ReclaimingTestBase(server)
{
    [Fact]
    [Trait("needs", "pg_dump")]
    public async Task Reclaim_AfterCreatedbAndRestore_IsManagedAgain()
    {
        var tenant = await ReadyAsync(NewName("restaurado"));
        var marker = await MarkerAsync(tenant);
        await Psql.DropAndRestoreAsync(Server, tenant.DatabaseName!, create: false);

        // A new tenant becomes active, although everybody may connect to the restored database.
        var other = await ReadyAsync(NewName("nuevo"));
        var proof = (await LastAsync(other))!;
        Assert.Contains(proof.Attempts, a => a is { Code: "connect_unmanaged", Outcome: AttemptOutcome.GotThrough }
            && a.Target == tenant.DatabaseName);
        Assert.Equal(IsolationVerdict.Reported, proof.Verdict);

        // A page reads the content of the database.
        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        await AssertUnmanagedAsync(tenant);
        var view = await ViewAsync(tenant);
        Assert.Equal((TenantStatus.Active, false, true), (view.Status, view.IsManaged, view.IsReclaimable));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.unmanaged"));
        await AssertRefusedAsync("tenant_unmanaged", () => Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, tenant.Id,
            new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword), Cancellation));

        AssertSucceeded(await ReclaimAsync(tenant));

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true, tenant.SchemaVersion, marker),
            (row.State, row.IsActive, row.SchemaVersion, await MarkerAsync(tenant)));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.reclaimed"));
        Assert.Equal(0L,
            await Host.ScalarAsync<long>("postgres",
                $"SELECT count(*) FROM pg_database d, aclexplode(datacl) a WHERE datname = '{tenant.DatabaseName}' "
                + $"AND a.grantee NOT IN (datdba, '{await RoleOfAsync(tenant)}'::regrole)"));
        AssertSucceeded(await ProveAsync(tenant));
        Assert.NotNull(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    [Trait("needs", "pg_dump")]
    public async Task RestoreWithCreate_KeepsMarkerAndRights_NeedsNoReclaim()
    {
        var tenant = await ReadyAsync(NewName("completo"));
        await AsSuperuserAsync(
            "postgres", $"ALTER DATABASE {SqlIdentifier.Quote(tenant.DatabaseName!)} SET work_mem = '8MB'");
        const string Properties = """
            SELECT concat_ws(' ', datacl, pg_get_userbyid(datdba), datcollate, datconnlimit,
                shobj_description(oid, 'pg_database'),
                (SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = d.oid))
            FROM pg_database d
            """;
        var before = await Host.ScalarAsync<string>(
            "postgres", $"{Properties} WHERE datname = '{tenant.DatabaseName}'");

        await Psql.DropAndRestoreAsync(Server, tenant.DatabaseName!, create: true);

        Assert.Equal(before,
            await Host.ScalarAsync<string>("postgres", $"{Properties} WHERE datname = '{tenant.DatabaseName}'"));
        AssertSucceeded(await ProveAsync(tenant));
        Assert.Equal(TenantState.Ready, (await RowAsync(tenant.Id)).State);
        await AssertRefusedAsync("already_managed", () => ReclaimAsync(tenant));
    }

    [Fact]
    public async Task Steps_DatabaseWithoutItsMarker_TouchNothing()
    {
        var tenant = await ReadyAsync(NewName("cada"), TenantEnvironments.Demo);
        var marker = await MarkerAsync(tenant);
        var role = await RoleOfAsync(tenant);
        var limits = await Host.ScalarAsync<int>(tenant.DatabaseName!, "SELECT max_usuarios FROM tenant_limits");
        (string What, Func<Task<Guid>> AskAsync)[] kinds =
        [
            ("apply_limits", async () => await QueueAsync(new("apply_limits"), tenant)),
            ("move_first_admin", async () => await QueueAsync(new("move_first_admin"), tenant)),
            ("migrate_tenant",
                () => Host.Get<SchemaUpgradeService>().StartOneAsync(Host.Admin, tenant.Id, Cancellation)),
            ("fill_demo_data", () => Host.Get<DemoDataService>().FillAsync(Host.Admin, tenant.Id, Cancellation)),
            ("rotate_credential", () => Host.Get<CredentialService>()
                .RotateAsync(Host.Admin, tenant.Id, "cambio", Cancellation)),
            ("prove_isolation", () => Service.ProveAsync(Host.Admin, tenant.Id, Cancellation)),
            ("delete_tenant", async () =>
            {
                await SetMarkerAsync(tenant, marker);
                return await DeleteAsync(tenant, null, () => SetMarkerAsync(tenant, null));
            }),
        ];
        foreach (var (what, askAsync) in kinds)
        {
            await AsSuperuserAsync(Host.Master.Database,
                $"""
                UPDATE clientes_saas SET state = 'ready', max_usuarios = 77, limits_revision = limits_revision + 1
                WHERE id = {tenant.Id}
                """);
            await SetMarkerAsync(tenant, null);
            var operation = await Host.EndOfAsync(await askAsync());
            AssertFailed("database_not_ours", operation);
            await AssertUnmanagedAsync(tenant);
            Assert.True(await MarkerAsync(tenant) is null, what);

            // Compensation ends at once as well, because there is nothing of the portal's to undo. A deletion has
            // already made the tenant available again.
            if (what != "delete_tenant" && Host.Get<OperationService>().CanCancel(operation))
            {
                await Host.Get<OperationService>().CancelAsync(Host.Admin, operation.Id, Cancellation);
                await Eventually.HoldsAsync($"{what} is cancelled", async () =>
                    (await Host.Get<OperationService>().GetAsync(
                        Host.Admin, operation.Id, Cancellation)).State == OperationState.Cancelled, Cancellation);
                await AssertUnmanagedAsync(tenant);
            }
        }

        Assert.Equal(kinds.Length, await RecordsAsync(tenant.Id, "tenant.unmanaged"));
        Assert.Equal((limits, true),
            (await Host.ScalarAsync<int>(tenant.DatabaseName!, "SELECT max_usuarios FROM tenant_limits"),
                await Host.ScalarAsync<bool>(
                    "postgres", $"SELECT datallowconn FROM pg_database WHERE datname = '{tenant.DatabaseName}'")));

        // The database had its marker all the time, but the portal had not checked it yet.
        await SetMarkerAsync(tenant, marker);
        AssertSucceeded(await ReclaimAsync(tenant));
        Assert.Equal((77, role),
            (await Host.ScalarAsync<int>(tenant.DatabaseName!, "SELECT max_usuarios FROM tenant_limits"),
                await RoleOfAsync(tenant)));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task NightlyProof_DatabaseWithoutItsMarker_NamesItAndContinues()
    {
        var lost = await ReadyAsync(NewName("perdido"));
        var fine = await ReadyAsync(NewName("sano"));
        await ReplaceByCopyAsync(lost);
        await AsSuperuserAsync(
            "postgres", $"REVOKE CONNECT ON DATABASE {SqlIdentifier.Quote(lost.DatabaseName!)} FROM PUBLIC");

        var night = await Host.EndOfAsync(await Service.ProveAllAsync(Host.Admin, Cancellation));

        AssertFailed("isolation_items_failed", night);
        var items = (await Host.Get<OperationResults>()
            .ListAsync(Host.Admin, night.Id, null, 1, 20, Cancellation)).Items.ToDictionary(i => i.TenantId);
        Assert.Equal((OperationItemState.Failed, "database_not_ours"),
            (items[lost.Id].State, items[lost.Id].Message?.Code));
        Assert.Equal(OperationItemState.Done, items[fine.Id].State);
        await AssertUnmanagedAsync(lost);
    }

    [Fact]
    public async Task Reclaim_SuspendedWithAnOlderDump_StaysSuspendedAndIsBroughtUpToDate()
    {
        var tenant = await ReadyAsync(NewName("viejo"));
        await ReplaceByCopyAsync(tenant);
        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, tenant.Id, "otro", "no paga", Cancellation);
        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        await AssertUnmanagedAsync(tenant, active: false);
        var now = await RowAsync(tenant.Id);
        await Host.Get<TenantEditing>()
            .UpdateAsync(Host.Admin, tenant.Id, TenantDetails.Of(now),
                TenantDetails.Of(now) with { MaxUsers = 9, AccessEmail = "hoy@viejo.pe" }, Cancellation);

        AssertSucceeded(await ReclaimAsync(tenant));

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, false, InactiveKind.Suspended, row.LimitsRevision),
            (row.State, row.IsActive, row.InactiveKind, row.LimitsAppliedRevision));
        Assert.Equal(9, await Host.ScalarAsync<int>(tenant.DatabaseName!, "SELECT max_usuarios FROM tenant_limits"));
        Assert.Equal("hoy@viejo.pe", await Host.ScalarAsync<string>(tenant.DatabaseName!, "SELECT email FROM users"));
    }

    [Fact]
    public async Task Delete_MarkerLossNotNoticedYet_IsRefusedUntilTheReclaim()
    {
        var tenant = await ReadyAsync(NewName("borrar"), TenantEnvironments.Demo);
        var failed = await Host.EndOfAsync(await DeleteAsync(tenant, 0, () => ReplaceByCopyAsync(tenant)));
        AssertFailed("database_not_ours", failed);
        await AssertUnmanagedAsync(tenant);
        await Assert.ThrowsAnyAsync<RuleException>(
            () => Host.Get<OperationService>().RetryAsync(Host.Admin, failed.Id, Cancellation));

        AssertSucceeded(await ReclaimAsync(tenant));

        // Replaced before somebody asks: the figures for the confirmation show it, and nothing begins.
        await ReplaceByCopyAsync(tenant);
        var request = new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword, 0);
        await AssertRefusedAsync("tenant_unmanaged", () => Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, request, Cancellation));
        await AssertUnmanagedAsync(tenant);

        AssertSucceeded(await ReclaimAsync(tenant));
        AssertSucceeded(await Host.EndOfAsync(await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, request, Cancellation)));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
    }

    // Asks for a deletion, and lets something happen to the database after its figures were read.
    private async Task<Guid> DeleteAsync(Tenant tenant, int? days, Func<Task> meanwhile)
    {
        await using var gate = await StepGate.CloseBeforeInsertAsync(Host, "portal.operations");
        var asked = Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, tenant.Id,
            new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword, days), Cancellation);
        await gate.ReachedAsync();
        await meanwhile();
        await gate.OpenAsync();
        return await asked;
    }

    [Fact]
    public async Task Delete_DatabaseGoneAfterMarkerLoss_WorksAndARestoreCanBeCancelled()
    {
        var tenant = await ReadyAsync(NewName("sinbase"));
        await ReplaceByCopyAsync(tenant);
        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        await AsSuperuserAsync("postgres", $"DROP DATABASE {SqlIdentifier.Quote(tenant.DatabaseName!)} WITH (FORCE)");
        await Host.Get<DatabaseObserver>().ObserveAsync(ServerConnections.MasterServerId, Cancellation);
        Assert.Equal(TenantStatus.DatabaseMissing, (await ViewAsync(tenant)).Status);
        AssertFailed("database_missing", await ReclaimAsync(tenant));

        AssertSucceeded(await Host.EndOfAsync(await Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, tenant.Id,
            new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword), Cancellation)));

        var restore = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        AssertFailed("database_missing", restore);
        await Host.Get<OperationService>().CancelAsync(Host.Admin, restore.Id, Cancellation);
        await Eventually.HoldsAsync("the restore is cancelled", async () =>
            (await Host.Get<OperationService>()
                .GetAsync(Host.Admin, restore.Id, Cancellation)).State == OperationState.Cancelled, Cancellation);
        Assert.NotNull((await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).Trashed);
    }

    [Fact]
    public async Task Purge_MarkerLostInTheTrash_IsNotCertified()
    {
        var tenant = await ReadyAsync(NewName("papelera"), TenantEnvironments.Demo);
        var marker = await MarkerAsync(tenant);
        var trash = $"vigia_trash_{DatabaseMarker.DatabaseIdOf(marker!):N}";
        AssertSucceeded(await Host.EndOfAsync(await Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, tenant.Id,
            new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword, 1), Cancellation)));
        await AsSuperuserAsync("postgres", $"COMMENT ON DATABASE {trash} IS NULL");

        await AsSuperuserAsync(Host.Master.Database,
            $"UPDATE portal.tenant_trash SET purge_after = now() - interval '1 day' WHERE id = {tenant.Id}");
        var stay = await Host.ScalarAsync<Guid>(
            Host.Master.Database, $"SELECT delete_operation_id FROM portal.tenant_trash WHERE id = {tenant.Id}");
        var purge = await QueueAsync(new("purge_tenant"), tenant, new PurgeData(stay, Early: false));
        AssertFailed("database_not_ours", await Host.EndOfAsync(purge));
        Assert.Equal((0, 1L),
            (await RecordsAsync(tenant.Id, "tenant.purged"), await Host.ScalarAsync<long>(
                "postgres", $"SELECT count(*) FROM pg_database WHERE datname = '{trash}'")));

        await AsSuperuserAsync("postgres", $"COMMENT ON DATABASE {trash} IS '{marker}'");
        await Host.Get<OperationService>().RetryAsync(Host.Admin, purge, Cancellation);
        AssertSucceeded(await Host.EndOfAsync(purge));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
    }

    private async Task<Guid> QueueAsync(OperationKind kind, Tenant tenant, object? data = null)
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = Host.Get<OperationQueue>().Enqueue(db, Host.Admin, kind, tenant, data);
        await db.SaveChangesAsync(Cancellation);
        return operation.Id;
    }
}
