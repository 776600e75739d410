using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Approvals;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>
/// Production is final. A tenant that was ready in production keeps its duties, no matter how <c>entorno</c> is
/// changed.
/// </summary>
public sealed class ProductionTests(PostgresServer server) : CoreTestBase(server)
{
    protected override void Configure(IServiceCollection services) =>
        services.Configure<ApprovalOptions>(options => options.HardDelete = true);

    [Fact]
    public async Task Entorno_TenantWithADatabase_CanNotBeEdited()
    {
        var production = await ReadyAsync(NewName("final"));
        var demo = await ReadyAsync(NewName("prueba"), "demo");

        await AssertRefusedAsync("production_is_final", () => EditAsync(production, "demo"));
        await AssertRefusedAsync("use_conversion", () => EditAsync(demo, "produccion"));

        Assert.Equal(("produccion", "demo"),
            ((await RowAsync(production.Id)).Environment, (await RowAsync(demo.Id)).Environment));
        Assert.Equal(0, await RecordsAsync(production.Id, "tenant.updated"));
    }

    [Fact]
    public async Task Entorno_TenantWithoutADatabase_CanBeEdited()
    {
        var id = await RegisterAsync(NewName("campo"));

        await EditAsync(await RowAsync(id), "demo");
        await EditAsync(await RowAsync(id), "produccion");

        Assert.True(await MayGoAtOnceAsync(id));
        Assert.Equal(2, await RecordsAsync(id, "tenant.updated"));
    }

    [Fact]
    public async Task Convert_Demo_IsFinalAndRecorded()
    {
        var demo = await ReadyAsync(NewName("convierte"), "demo");
        Assert.True(await MayGoAtOnceAsync(demo.Id));
        var preview = await OfConversionAsync(
            c => c.PreviewAsync(Host.Admin, demo.Id, new Conversion { Plan = "profesional" }, Cancellation));
        Assert.Equal(("produccion", "profesional", null),
            (preview.Row.Environment, preview.Row.Plan, preview.Row.ExpiresAt));
        Assert.Equal("demo", (await RowAsync(demo.Id)).Environment);

        await OfConversionAsync(
            c => c.ConvertAsync(Host.Admin, demo.Id, new Conversion { Plan = "profesional" }, Cancellation));

        var row = await RowAsync(demo.Id);
        Assert.Equal(("produccion", "profesional", null), (row.Environment, row.Plan, row.ExpiresAt));
        Assert.False(await MayGoAtOnceAsync(demo.Id));
        await AssertRefusedAsync(
            "already_production",
            () => OfConversionAsync(c => c.ConvertAsync(Host.Admin, demo.Id, new Conversion(), Cancellation)));
        await AssertRefusedAsync("production_is_final", () => EditAsync(row, "demo"));
        await LimitsAppliedAsync(demo.Id);
        await AssertRefusedAsync("retention_too_short", () => DeleteAsync(row, 0));
        await using var db = await Host.OpenMasterAsync();
        var record = await db.Set<AuditEvent>()
            .SingleAsync(e => e.TenantId == demo.Id && e.Action == "tenant.converted", Cancellation);
        Assert.Contains("\"entorno\": \"demo\"", record.Before, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 20)]
    [InlineData(true, 5)]
    public async Task Convert_WithAnotherPlan_BringsItsLimitsUnlessTheyAreKept(bool keeps, int users)
    {
        var demo = await ReadyAsync(NewName("plan"), "demo");
        await SqlAsync($"UPDATE clientes_saas SET max_usuarios = 5, max_establecimientos = 1 WHERE id = {demo.Id}");
        var wanted = new Conversion { Plan = "profesional", KeepLimits = keeps };
        Assert.Equal(users, (await OfConversionAsync(
            c => c.PreviewAsync(Host.Admin, demo.Id, wanted, Cancellation))).Row.MaxUsers);

        await OfConversionAsync(c => c.ConvertAsync(Host.Admin, demo.Id, wanted, Cancellation));

        var row = await RowAsync(demo.Id);
        Assert.Equal(("profesional", users), (row.Plan, row.MaxUsers));
        await LimitsAppliedAsync(demo.Id);
        await using var db = await Host.OpenMasterAsync();
        var record = await db.Set<AuditEvent>()
            .SingleAsync(e => e.TenantId == demo.Id && e.Action == "tenant.converted", Cancellation);
        Assert.Equal(!keeps, record.After!.Contains("\"max_usuarios\": 20", StringComparison.Ordinal));
    }

    private Task LimitsAppliedAsync(int id) =>
        Eventually.HoldsAsync("the limits are in the tenant's database", async () =>
            await RowAsync(id) is var now && now.LimitsAppliedRevision == now.LimitsRevision
            && await Host.ScalarAsync<long>(Host.Master.Database,
                $"SELECT count(*) FROM portal.operations WHERE tenant_id = {id} AND finished_at IS NULL") == 0,
            Cancellation);

    [Fact]
    public async Task Convert_ExpiredOrSuspendedDemo_IsActiveOrStaysSuspended()
    {
        var expired = await ReadyAsync(NewName("vencida"), "demo");
        await SqlAsync(
            $"""
            UPDATE clientes_saas
            SET is_active = false, inactive_kind = 'expired', expires_at = now() - interval '1 day'
            WHERE id = {expired.Id}
            """);
        var suspended = await ReadyAsync(NewName("suspendida"), "demo");
        await Host.Get<TenantActivation>().SuspendAsync(Host.Admin, suspended.Id, "falta_de_pago", "", Cancellation);
        await AssertInvalidAsync("expires_at", "expires_at_past", () => OfConversionAsync(c => c.ConvertAsync(
            Host.Admin, expired.Id, new Conversion { ExpiresAt = DateTimeOffset.UtcNow.AddDays(-1) }, Cancellation)));
        var end = DateTimeOffset.UtcNow.AddYears(1);

        await OfConversionAsync(
            c => c.ConvertAsync(Host.Admin, expired.Id, new Conversion { ExpiresAt = end }, Cancellation));
        await OfConversionAsync(c => c.ConvertAsync(Host.Admin, suspended.Id, new Conversion(), Cancellation));

        Assert.Equal((true, null), ((await RowAsync(expired.Id)).IsActive, (await RowAsync(expired.Id)).InactiveKind));
        Assert.Equal(end, (await RowAsync(expired.Id)).ExpiresAt!.Value, TimeSpan.FromSeconds(1));
        Assert.Equal((false, InactiveKind.Suspended),
            ((await RowAsync(suspended.Id)).IsActive, (await RowAsync(suspended.Id)).InactiveKind));
    }

    [Fact]
    public async Task Convert_WithDemoData_RemovesIt()
    {
        var demo = await ReadyAsync(NewName("ficticia"), "demo");
        Task ConvertAsync() =>
            OfConversionAsync(c => c.ConvertAsync(Host.Admin, demo.Id, new Conversion(), Cancellation));

        // A tenant can't be converted while it is being filled, because the demonstration data would be in production.
        await Host.PauseWorkersAsync(true);
        var fill = await Host.Get<DemoDataService>().FillAsync(Host.Admin, demo.Id, Cancellation);
        await AssertRefusedAsync("operation_running", ConvertAsync);
        await AssertRefusedAsync("operation_running", () => OfConversionAsync(c => c.PreviewAsync(
            Host.Admin, demo.Id, new Conversion(), Cancellation)));
        await using (var gate = await StepGate.CloseAsync(Host, "fill_demo_data"))
        {
            await Host.PauseWorkersAsync(false);
            await gate.ReachedAsync();
            await AssertRefusedAsync("operation_running", ConvertAsync);
            await gate.OpenAsync();
        }

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(fill)).State);

        var operation = await OfConversionAsync(
            c => c.ConvertAsync(Host.Admin, demo.Id, new Conversion { RemoveDemoData = true }, Cancellation));

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation!.Value)).State);
        Assert.Equal(0, (await Host.Get<TenantContents>().CountAsync(Host.Admin, demo.Id, Cancellation))!.DemoRows);
        await AssertRefusedAsync(
            "not_demo", () => Host.Get<DemoDataService>().FillAsync(Host.Admin, demo.Id, Cancellation));
    }

    [Fact]
    public async Task Entorno_ChangedByTheProduct_KeepsTheDutiesOfProduction()
    {
        var tenant = await ReadyAsync(NewName("producto"));
        await SqlAsync(
            $"UPDATE clientes_saas SET entorno = 'demo', expires_at = now() - interval '1 day' WHERE id = {tenant.Id}");

        Assert.False(await MayGoAtOnceAsync(tenant.Id));
        await AssertRefusedAsync("retention_too_short", () => DeleteAsync(tenant, 0));
        await AssertRefusedAsync(
            "not_demo", () => Host.Get<DemoDataService>().FillAsync(Host.Admin, tenant.Id, Cancellation));
        await using (var db = await Host.OpenMasterAsync())
        {
            Host.Get<OperationQueue>().Enqueue(
                db, Actor.System, new("expire_demos"), (OperationTarget?)null, null, OperationQueue.Background);
            await db.SaveChangesAsync(Cancellation);
        }

        await Eventually.HoldsAsync(
            "the demos were looked through", async () => await Host.ScalarAsync<long>(
                Host.Master.Database,
                "SELECT count(*) FROM portal.operations WHERE kind = 'expire_demos' AND state = 'succeeded'") > 0,
                Cancellation);
        Assert.True((await RowAsync(tenant.Id)).IsActive);

        // A second person has to approve, as for every tenant in production.
        var asked = await Host.EndOfAsync(await DeleteAsync(tenant, 7));
        Assert.Equal("awaiting_approval", asked.Error?.Code);
    }

    [Fact]
    public async Task EverInProduction_EveryWayToProduction_IsStoredForGood()
    {
        var demo = await ReadyAsync(NewName("rodeo"), "demo");
        Assert.False(await StoredAsync(demo.Id));

        await SqlAsync($"UPDATE clientes_saas SET entorno = 'produccion' WHERE id = {demo.Id}");
        await SqlAsync($"UPDATE clientes_saas SET entorno = 'demo' WHERE id = {demo.Id}");

        Assert.True(await StoredAsync(demo.Id));
        Assert.False(await MayGoAtOnceAsync(demo.Id));
        var refused = await Assert.ThrowsAsync<PostgresException>(
            () => SqlAsync($"UPDATE portal.databases SET ever_in_production = false WHERE tenant_id = {demo.Id}"));
        Assert.Equal("production_is_final", refused.ConstraintName);
    }

    [Fact]
    public async Task Trash_ProductionTenant_KeepsItsDuties()
    {
        var tenant = await ReadyAsync(NewName("vuelve"), "demo");
        await SqlAsync($"UPDATE clientes_saas SET entorno = 'produccion' WHERE id = {tenant.Id}");
        await SqlAsync($"UPDATE clientes_saas SET entorno = 'demo' WHERE id = {tenant.Id}");
        Host.Get<Microsoft.Extensions.Options.IOptions<ApprovalOptions>>().Value.HardDelete = false;
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await DeleteAsync(tenant, 7))).State);

        await AssertRefusedAsync("retention_too_short", () => Host.Get<TrashService>().PurgeAsync(
            Host.Admin, tenant.Id, new PurgeRequest(tenant.Subdomain!, "prueba", CoreHost.AdminPassword),
            Cancellation));
        var back = await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));

        Assert.Equal(OperationState.Succeeded, back.State);
        Assert.False(await MayGoAtOnceAsync(tenant.Id));
    }

    [Fact]
    public async Task Convert_Unmanaged_IsFinalAfterTheReclaim()
    {
        var demo = await ReadyAsync(NewName("perdida"), "demo");
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl("postgres"), $"COMMENT ON DATABASE \"{demo.DatabaseName}\" IS NULL", Cancellation);
        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, demo.Id, Cancellation));
        Assert.Equal(TenantState.Unmanaged, (await RowAsync(demo.Id)).State);

        await OfConversionAsync(c => c.ConvertAsync(Host.Admin, demo.Id, new Conversion(), Cancellation));

        await AssertRefusedAsync("production_is_final", async () => await EditAsync(await RowAsync(demo.Id), "demo"));
        var reclaim = await Host.Get<TenantReclaiming>().ReclaimAsync(Host.Admin, demo.Id, "restaurada", Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(reclaim)).State);
        await AssertRefusedAsync("retention_too_short", () => DeleteAsync(demo, 0));
    }

    [Fact]
    public async Task EverInProduction_Unknown_CountsAsProduction()
    {
        var tenant = await ReadyAsync(NewName("ignota"));
        await SqlAsync($"DELETE FROM portal.tenant_credentials WHERE tenant_id = {tenant.Id}");
        await SqlAsync($"DELETE FROM portal.databases WHERE tenant_id = {tenant.Id}");
        await SqlAsync($"UPDATE clientes_saas SET schema_version = NULL WHERE id = {tenant.Id}");
        await AssertRefusedAsync("production_is_final", () => EditAsync(tenant, "demo"));
        await SqlAsync($"UPDATE clientes_saas SET entorno = 'demo' WHERE id = {tenant.Id}");
        await AssertRefusedAsync("retention_too_short", () => DeleteAsync(tenant, 0));
        Host.Get<Microsoft.Extensions.Options.IOptions<ApprovalOptions>>().Value.HardDelete = false;

        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(await DeleteAsync(tenant, 7))).State);

        await AssertRefusedAsync("retention_too_short", () => Host.Get<TrashService>().PurgeAsync(
            Host.Admin, tenant.Id, new PurgeRequest(tenant.Subdomain!, "prueba", CoreHost.AdminPassword),
            Cancellation));
        await Server.DropDatabaseAsync(tenant.DatabaseName!, Cancellation);
    }

    private Task SqlAsync(string sql) => PostgresServer.ExecuteAsync(Host.Master, sql, Cancellation);

    private Task<bool> StoredAsync(int id) =>
        Host.ScalarAsync<bool>(
        Host.Master.Database, $"SELECT ever_in_production FROM portal.databases WHERE tenant_id = {id}");

    private async Task<bool> MayGoAtOnceAsync(int id) =>
        (await Host.Get<TenantSearch>().GetAsync(Host.Admin, id, Cancellation)).View!.MayGoAtOnce;

    private async Task<T> OfConversionAsync<T>(Func<TenantConversion, Task<T>> act)
    {
        await using var scope = Host.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TenantConversion>());
    }

    private async Task EditAsync(Tenant seen, string environment)
    {
        var details = TenantDetails.Of(seen);
        await using var scope = Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<TenantEditing>().UpdateAsync(
            Host.Admin with { Roles = [StaffRoles.Operator] }, seen.Id, details,
            details with { Environment = environment }, Cancellation);
    }

    private Task<Guid> DeleteAsync(Tenant tenant, int days) => Host.Get<TenantDeletion>().DeleteAsync(
        Host.Admin, tenant.Id,
        new DeletionRequest(tenant.Subdomain!, "prueba", CoreHost.AdminPassword, days), Cancellation);
}
