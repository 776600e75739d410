using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

/// <summary>
/// Operations that were correct when they were requested and are no longer correct when they run.
/// <c>Faults/PairTests</c> tries all pairs. These tests cover particular cases.
/// </summary>
public sealed class OvertakenTests(PostgresServer server, OvertakenHost one) : DeletionTestBase(server),
IClassFixture<OvertakenHost>
{
    protected override CoreHost Shared => one.Host;

    private StepFaults Faults => one.Faults;

    private OperationService Operations => Host.Get<OperationService>();

    [Fact]
    public async Task Purge_RetriedAfterAFailedRestore_DropsNothing()
    {
        var tenant = await TrashedAsync("vuelve");
        await Faults.FailAsync(tenant.Id, PurgeTenant.KindName, "drop_database", StepState.Running);
        var purge = await PurgeAsync(tenant);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(purge)).State);
        await Faults.FailAsync(tenant.Id, RestoreTenant.KindName, "verify", StepState.Running);
        var restore = await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(restore)).State);
        await Faults.ClearAsync();

        await AssertRefusedAsync("restore_begun", () => Operations.RetryAsync(Host.Admin, purge, Cancellation));
        await RunAnywayAsync(purge);

        Assert.Equal((OperationState.Failed, "restore_begun"),
            await Operations.GetAsync(Host.Admin, purge, Cancellation) is var over ? (over.State, over.Error!.Code)
            : default);
        await Operations.RetryAsync(Host.Admin, restore, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(restore)).State);
        await WorldCheck.AssertAgreesAsync(Host);
        await AssertRefusedAsync("tenant_is_registered", () => Operations.RetryAsync(Host.Admin, purge, Cancellation));
    }

    [Fact]
    public async Task EmptyTrash_RestoreBeingRequested_QueuesNoPurge()
    {
        var tenant = await TrashedAsync("justo");
        await SqlAsync(
            $"UPDATE portal.tenant_trash SET purge_after = now() - interval '1 second' WHERE id = {tenant.Id}");
        await Host.PauseWorkersAsync(true);
        var empty = await EnqueueAsync(EmptyTrash.KindName);

        // The restore has the lock and its row, and waits before its commit.
        await using var gate = await StepGate.CloseBeforeInsertAsync(Host, "portal.operations");
        var restoring = Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);
        await gate.ReachedAsync();
        await Host.PauseWorkersAsync(false);
        await Eventually.HoldsAsync(
            "emptying the trash stands before the same lock", async () => await Host.ScalarAsync<long>(
            Host.Master.Database,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            + "AND query LIKE '%tenant_trash%FOR UPDATE%'") == 1, Cancellation);
        await gate.OpenAsync();

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(empty)).State);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await restoring)).State);
        await using var db = await Host.OpenMasterAsync();
        Assert.False(await db.Set<Operation>()
            .AnyAsync(o => o.TenantId == tenant.Id && o.Kind == PurgeTenant.KindName, Cancellation));
    }

    [Fact]
    public async Task Restore_DropHasBegun_IsRefusedAndThePurgeCanFinish()
    {
        var tenant = await TrashedAsync("tarde");
        await Faults.FailAsync(tenant.Id, PurgeTenant.KindName, "drop_roles", StepState.Running);
        var purge = await PurgeAsync(tenant);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(purge)).State);
        await Faults.ClearAsync();

        await AssertRefusedAsync("drop_begun", () => Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
        await AssertRefusedAsync("drop_begun", () => Operations.CancelAsync(Host.Admin, purge, Cancellation));
        await Operations.RetryAsync(Host.Admin, purge, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(purge)).State);
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Purge_WaitingToDrop_CanBeCancelledOrSupersededByARestore()
    {
        var tenant = await ReadyAsync(NewName("espera"), "demo");
        var databaseId = await Host.ScalarAsync<Guid>(
            Host.Master.Database, $"SELECT id FROM portal.databases WHERE tenant_id = {tenant.Id}");
        var trashed = $"vigia_trash_{databaseId:N}";
        Guid delete;
        await using (var gate = await StepGate.CloseAsync(Host, "trash"))
        {
            delete = await AskDeletionAsync(tenant, 0);
            await gate.ReachedAsync();
            await AssertRefusedAsync(
                "operation_running", () => Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));
            await AsSuperuserAsync($"ALTER DATABASE {trashed} IS_TEMPLATE true");
            await gate.OpenAsync();
        }

        await AssertWaitsAsync(delete);
        await AsSuperuserAsync($"ALTER DATABASE {trashed} IS_TEMPLATE false");
        var first = await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(first)).State);
        await AssertEndedAsync(delete, "superseded_by_restore");

        await DeleteAsync(tenant);
        await AsSuperuserAsync($"ALTER DATABASE {trashed} IS_TEMPLATE true");
        var purge = await PurgeAsync(tenant);
        await AssertWaitsAsync(purge);
        await Operations.CancelAsync(Host.Admin, purge, Cancellation);
        await Host.EndOfAsync(purge);
        await AssertEndedAsync(purge, null);

        await AsSuperuserAsync($"ALTER DATABASE {trashed} IS_TEMPLATE false");
        await Host.PauseWorkersAsync(true);
        var queued = await PurgeAsync(tenant);
        var restore = await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);
        await Host.PauseWorkersAsync(false);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(restore)).State);
        await AssertEndedAsync(queued, "superseded_by_restore");
        Assert.Equal(0, await RecordsAsync(tenant.Id, "tenant.purged"));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Purge_OfAnEarlierStay_DropsNothingOfTheNextStay()
    {
        var tenant = await TrashedAsync("dos-veces", "produccion");
        await SqlAsync(
            $"UPDATE portal.tenant_trash SET purge_after = now() - interval '1 second' WHERE id = {tenant.Id}");
        await Faults.FailAsync(tenant.Id, PurgeTenant.KindName, "drop_database", StepState.Running);
        var purge = await PurgeAsync(tenant);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(purge)).State);
        await Faults.ClearAsync();
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation))).State);
        await DeleteAsync(tenant);

        await AssertRefusedAsync("operation_overtaken", () => Operations.RetryAsync(Host.Admin, purge, Cancellation));
        await RunAnywayAsync(purge);

        Assert.Equal("operation_overtaken", (await Operations.GetAsync(Host.Admin, purge, Cancellation)).Error!.Code);
        Assert.Equal(1L, await Host.ScalarAsync<long>(
            Host.Master.Database,
            $"SELECT count(*) FROM pg_database JOIN portal.databases ON name = datname WHERE tenant_id = {tenant.Id}"));
    }

    [Fact]
    public async Task Purge_BeforeTheRetentionEnds_DropsNothing()
    {
        var tenant = await TrashedAsync("plazo", "produccion");
        var stay = await Host.ScalarAsync<Guid>(
            Host.Master.Database, $"SELECT delete_operation_id FROM portal.tenant_trash WHERE id = {tenant.Id}");
        await using var db = await Host.OpenMasterAsync();
        var purge = Host.Get<OperationQueue>().Enqueue(
            db, Actor.System, PurgeTenant.KindName, OperationTarget.Of(tenant),
            new PurgeData(stay, Early: false), OperationQueue.Background);
        await db.SaveChangesAsync(Cancellation);

        var refused = (await Host.EndOfAsync(purge.Id)).Error!;
        var until = await Host.ScalarAsync<DateTime>(
            Host.Master.Database,
            $"SELECT purge_after AT TIME ZONE 'America/Lima' FROM portal.tenant_trash WHERE id = {tenant.Id}");
        Assert.Equal("retention_not_over", refused.Code);
        Assert.Contains($"{until:d'/'MM'/'yyyy HH:mm}", refused.Render(CultureInfo.GetCultureInfo("es-PE")),
            StringComparison.Ordinal);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Provisioning_CancelledOrRetriedDuringTheDeletion_TouchesNothing()
    {
        await Host.PauseWorkersAsync(true);
        var registered = await Host.Get<TenantRegistration>()
            .RegisterAsync(Host.Admin, Request(NewName("listo"), r => r with { Provision = true }), Cancellation);
        await Faults.FailAsync(registered.TenantId, ProvisionTenant.KindName, "verify_and_make_ready", StepState.Done);
        await Host.PauseWorkersAsync(false);
        var provision = registered.OperationId!.Value;
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(provision)).State);
        await Faults.ClearAsync();
        var tenant = await RowAsync(registered.TenantId);
        Assert.Equal(TenantState.Ready, tenant.State);

        await using (await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation))
        {
            var delete = await Host.EndOfAsync(await AskDeletionAsync(tenant));
            Assert.Equal(OperationState.Waiting, delete.State);
            await AssertRefusedAsync(
                "operation_overtaken", () => Operations.RetryAsync(Host.Admin, provision, Cancellation));
            await AssertRefusedAsync(
                "operation_overtaken", () => Operations.CancelAsync(Host.Admin, provision, Cancellation));
            Assert.Equal(TenantState.Deleting, (await RowAsync(tenant.Id)).State);
            await Operations.CancelAsync(Host.Admin, delete.Id, Cancellation);
            Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(delete.Id)).State);
        }

        await DeleteAsync(tenant);
        await AssertRefusedAsync(
            "operation_overtaken", () => Operations.CancelAsync(Host.Admin, provision, Cancellation));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restore_RowEditedAfterItFailed_KeepsTheEdits(
        bool cancelled)
    {
        var tenant = await TrashedAsync("editado");
        await Faults.FailAsync(tenant.Id, RestoreTenant.KindName, "verify", StepState.Running);
        var restore = await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(restore)).State);
        await Faults.ClearAsync();
        var seen = TenantDetails.Of(await RowAsync(tenant.Id));
        await Host.Get<TenantEditing>()
            .UpdateAsync(Host.Admin, tenant.Id, seen, seen with { MaxUsers = 77, AccessEmail = "otra@editado.pe" },
            Cancellation);
        await Host.Get<TenantActivation>().WithdrawAsync(Host.Admin, tenant.Id, "falta_de_pago", null, Cancellation);
        var ruc = NewRuc();
        await Host.Get<TenantRucCorrection>().CorrectAsync(Host.Admin, tenant.Id, ruc, "mal escrito", Cancellation);
        await AssertRefusedAsync("not_ready", () => Host.Get<TenantConversion>().ConvertAsync(
            Host.Admin, tenant.Id, new Conversion(), Cancellation));

        if (cancelled)
        {
            await Operations.CancelAsync(Host.Admin, restore, Cancellation);
            await Eventually.HoldsAsync("the restore is cancelled", async () =>
                (await Operations.GetAsync(Host.Admin, restore, Cancellation)).State == OperationState.Cancelled,
                Cancellation);
            var lies = await InTrashAsync(tenant.Id);
            Assert.Equal((ruc, tenant.Subdomain), (lies.Ruc, lies.Subdomain));
            restore = await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation);
        }
        else
        {
            await Operations.RetryAsync(Host.Admin, restore, Cancellation);
        }

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(restore)).State);
        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, false, InactiveKind.Withdrawn, ruc),
            (row.State, row.IsActive, row.InactiveKind, row.Ruc));
        await Eventually.HoldsAsync("the database has the new limit and address", async () =>
            await Host.ScalarAsync<int>(row.DatabaseName!, "SELECT max_usuarios FROM tenant_limits") == 77
            && await Host.ScalarAsync<string>(row.DatabaseName!, "SELECT email FROM users") == "otra@editado.pe",
            Cancellation);
        await Eventually.HoldsAsync(
            "the registry says so",
            async () => (await RowAsync(tenant.Id)) is var now && now.LimitsAppliedRevision == now.LimitsRevision,
            Cancellation);
    }

    [Fact]
    public async Task Delete_ProductChangedTheRowMeanwhile_RestoreBringsThatBack()
    {
        var tenant = await ReadyAsync(NewName("entretanto"), "demo");
        await using (await PostgresServer.OpenAsync(Server.SuperuserUrl(tenant.DatabaseName!), Cancellation))
        {
            var delete = await Host.EndOfAsync(await AskDeletionAsync(tenant));
            Assert.Equal(OperationState.Waiting, delete.State);
            await SqlAsync($$"""UPDATE clientes_saas SET config = '{"producto": 1}' WHERE id = {{tenant.Id}}""");
            await PostgresServer.ExecuteAsync(
                Server.SuperuserUrl("postgres"),
                $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{tenant.DatabaseName}'",
                Cancellation);
            await NobodyInAsync(tenant);
            await Operations.RetryAsync(Host.Admin, delete.Id, Cancellation);
            Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(delete.Id)).State);
        }

        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation))).State);

        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Ready, true), (row.State, row.IsActive));
        Assert.Contains("producto", row.Config, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotation_RetriedInTheTrash_IsRefusedAndContinuesAfterTheRestore()
    {
        var tenant = await ReadyAsync(NewName("gira"), "demo");
        await Faults.FailAsync(tenant.Id, RotateCredential.KindName, "switch_role", StepState.Running);
        var rotation = await Host.Get<CredentialService>().RotateAsync(Host.Admin, tenant.Id, "cambio", Cancellation);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(rotation)).State);
        await Faults.ClearAsync();
        await DeleteAsync(tenant);

        await AssertRefusedAsync("not_ready", () => Operations.RetryAsync(Host.Admin, rotation, Cancellation));
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation))).State);
        await Operations.RetryAsync(Host.Admin, rotation, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(rotation)).State);
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.credential_rotated"));
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
    }

    [Fact]
    public async Task ExpireDemos_ConvertedMeanwhile_StaysActive()
    {
        var tenant = await ReadyAsync(NewName("convertida"), "demo");
        await SqlAsync($"UPDATE clientes_saas SET expires_at = now() - interval '1 day' WHERE id = {tenant.Id}");
        await Host.PauseWorkersAsync(true);
        var expire = await EnqueueAsync(ExpireDemos.KindName);

        // The row is being converted after the list was read. The operation waits for the lock and reads the row again.
        await using (var conversion = await PostgresServer.OpenAsync(Host.Master, Cancellation))
        {
            await using var convert =
                new Npgsql.NpgsqlCommand(
                $"BEGIN; UPDATE clientes_saas SET entorno = 'produccion' WHERE id = {tenant.Id}", conversion);
            await convert.ExecuteNonQueryAsync(Cancellation);
            await Host.PauseWorkersAsync(false);
            await Eventually.HoldsAsync("the expiry waits for the row", async () => await Host.ScalarAsync<long>(
                Host.Master.Database,
                "SELECT count(*) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND wait_event_type = 'Lock' "
                + "AND query LIKE '%clientes_saas%FOR UPDATE%'") == 1, Cancellation);
            await using var commit = new Npgsql.NpgsqlCommand("COMMIT", conversion);
            await commit.ExecuteNonQueryAsync(Cancellation);
        }

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(expire)).State);
        Assert.True((await RowAsync(tenant.Id)).IsActive);
    }

    [Fact]
    public async Task Prune_FailedOperation_KeepsItsStepsAndCanBeRetried()
    {
        var tenant = await ReadyAsync(NewName("antigua"), "demo");
        await Faults.FailAsync(tenant.Id, DeleteTenant.KindName, "terminate", StepState.Running);
        var delete = await AskDeletionAsync(tenant);
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(delete)).State);
        await Faults.ClearAsync();
        await SqlAsync(
            "UPDATE portal.operations SET finished_at = now() - interval '91 days' WHERE finished_at IS NOT NULL");
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(await EnqueueAsync(PruneHistory.KindName))).State);

        await Operations.RetryAsync(Host.Admin, delete, Cancellation);

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(delete)).State);
        Assert.Equal(tenant.Id, (await InTrashAsync(tenant.Id)).Id);
        await using var db = await Host.OpenMasterAsync();
        var provision = db.Set<Operation>().Where(o => o.TenantId == tenant.Id && o.Kind == ProvisionTenant.KindName);
        Assert.False(await db.Set<OperationStep>()
            .AnyAsync(s => provision.Any(o => o.Id == s.OperationId), Cancellation));
    }

    private async Task<Tenant> TrashedAsync(string stem, string environment = "demo")
    {
        var tenant = await ReadyAsync(NewName(stem), environment);
        await DeleteAsync(tenant);
        return tenant;
    }

    private async Task AssertWaitsAsync(Guid id)
    {
        var operation = await Host.EndOfAsync(id);
        Assert.Equal((OperationState.Waiting, "tenant_held"), (operation.State, operation.Error?.Code));
        Assert.Equal("drop_database", operation.Steps.Single(s => s.State == StepState.Failed).Name);
    }

    private async Task AssertEndedAsync(Guid id, string? code)
    {
        var operation = await Operations.GetAsync(Host.Admin, id, Cancellation);
        Assert.Equal((OperationState.Cancelled, code), (operation.State, operation.Error?.Code));
    }

    private Task<Guid> PurgeAsync(Tenant tenant) =>
        Trash.PurgeAsync(
            Host.Admin, tenant.Id, new PurgeRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword), Cancellation);

    // Runs the operation as if it had been queued before the one that overtook it. The steps must detect this
    // themselves.
    private async Task RunAnywayAsync(Guid operation)
    {
        await SqlAsync(
            $"UPDATE portal.operations SET state = 'queued', error = NULL, attempt = 0 WHERE id = '{operation}'");
        Assert.Equal(OperationState.Failed, (await Host.EndOfAsync(operation)).State);
    }

    private async Task<Guid> EnqueueAsync(OperationKind kind)
    {
        await using var db = await Host.OpenMasterAsync();
        var operation = Host.Get<OperationQueue>()
            .Enqueue(db, Actor.System, kind, (OperationTarget?)null, null, OperationQueue.Background);
        await db.SaveChangesAsync(Cancellation);
        return operation.Id;
    }

    private Task AsSuperuserAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl("postgres"), sql, Cancellation);

    private Task SqlAsync(string sql) => PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation);
}
