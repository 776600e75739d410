using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.SchemaUpgrades;

/// <summary>Migrates one tenant's database to the schema of this build.</summary>
public sealed class MigrateTenantTests(PostgresServer server) : SchemaUpgradeTestBase(server)
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMilliseconds(400);

    protected override void Configure(IServiceCollection services)
    {
        base.Configure(services);
        services.Configure<SchemaOptions>(o => o.LockTimeout = LockTimeout);
    }

    [Fact]
    public async Task Upgrade_TenantBehind_MigratesAndRecordsBothVersions()
    {
        var tenant = await BehindAsync("uno");

        var ended = await Host.EndOfAsync(await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation));

        Assert.True(ended.State == OperationState.Succeeded, $"{ended.Error}");
        Assert.Equal(["migrate", "check"], ended.Steps.Select(s => s.Name));
        await AssertAtAsync(Head, tenant);
        Assert.Equal(
            $"{OldSchema.Version} {Head}",
            await Host.ScalarAsync<string>(
                Host.Master.Database,
                "SELECT (before->>'schema_version') || ' ' || (after->>'schema_version') FROM portal.audit_events "
                + $"WHERE action = 'tenant.schema_migrated' AND operation_id = '{ended.Id}'"));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.schema_upgrade_requested"));
        Assert.True((await Host.Get<SchemaOverview>()
            .FindAsync(Host.Support, [tenant.Id], Cancellation))[tenant.Id].ChangedAt >= ended.StartedAt);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Upgrade_RegistryDiffersFromTheDatabase_DatabaseDecides()
    {
        var tenant = await BehindAsync("palabra");
        await OldSchema.RegisterAsync(Host, tenant.Id, Head, Cancellation);

        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation))).State);
        await AssertAtAsync(Head, tenant);

        await OldSchema.RegisterAsync(Host, tenant.Id, OldSchema.Version, Cancellation);
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation))).State);
        await AssertAtAsync(Head, tenant);
    }

    [Fact]
    public async Task Upgrade_NewerSchema_IsNotTouchedAndRecorded()
    {
        var tenant = await ReadyAsync(NewName("nueva"));
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl(tenant.DatabaseName!),
            "INSERT INTO public.\"__EFMigrationsHistory\" VALUES ('99990101000000_Later', '99.0')", Cancellation);

        var ended = await Host.EndOfAsync(await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation));

        Assert.Equal((OperationState.Failed, "schema_newer"), (ended.State, ended.Error?.Code));
        await AssertAtAsync(Head + 1, tenant);
        Assert.Equal(SchemaStanding.Newer,
            (await Host.Get<SchemaOverview>().FindAsync(Host.Support, [tenant.Id], Cancellation))[tenant.Id].Standing);
        await AssertRefusedAsync("nothing_to_migrate", () => Upgrade.StartAsync(Host.Admin, [tenant.Id], Cancellation));
    }

    [Fact]
    public async Task Upgrade_BusyTable_GivesUpAfterTheLockTimeoutAndRetries()
    {
        var tenant = await BehindAsync("ocupada");
        await using var held = await HoldAsync(tenant);
        var operation = await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation);

        // Its user queries the table again and again while the migration tries to lock it.
        var longest = TimeSpan.Zero;
        await using (var user = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation))
        {
            await Eventually.HoldsAsync("it was tried twice", async () =>
            {
                var watch = Stopwatch.StartNew();
                await using var query =
                    new NpgsqlCommand("SELECT count(*) FROM public.\"__EFMigrationsHistory\"", user);
                await query.ExecuteScalarAsync(Cancellation);
                longest = watch.Elapsed > longest ? watch.Elapsed : longest;
                var now = await Operations.GetAsync(Host.Admin, operation, Cancellation);
                Assert.True(now.Error is null or { Code: "database_busy" }, $"{now.Error}");
                return now.Steps.First().Attempt >= 2 && now.Steps.First().State == StepState.Failed;
            }, Cancellation);
        }

        await held.DisposeAsync();
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(operation)).State);
        await AssertAtAsync(Head, tenant);
        Assert.InRange(longest, TimeSpan.Zero, LockTimeout + TimeSpan.FromMilliseconds(400));
    }

    [Fact]
    public async Task Upgrade_Cancelled_LeavesAWholeVersion()
    {
        var tenant = await BehindAsync("cancela");
        await using var held = await HoldAsync(tenant);
        var operation = await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation);
        Assert.Equal(operation, await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation));

        await Operations.CancelAsync(Host.Admin, operation, Cancellation);

        var ended = await Host.EndOfAsync(operation);
        Assert.Equal(OperationState.Cancelled, ended.State);
        Assert.DoesNotContain(StepState.Compensated, ended.Steps.Select(s => s.State));
        await held.DisposeAsync();
        await AssertAtAsync(OldSchema.Version, tenant);
    }

    [Fact]
    public async Task Start_TenantWithoutAReadyDatabase_IsRefusedWithTheReason()
    {
        var registered = await RegisterAsync(NewName("solo"));
        await AssertRefusedAsync(
            "never_provisioned", () => Upgrade.StartOneAsync(Host.Admin, registered, Cancellation));
        await AssertRefusedAsync("tenant_unknown", () => Upgrade.StartOneAsync(Host.Admin, 999_999, Cancellation));
        await Assert.ThrowsAsync<ForbiddenException>(
            () => Upgrade.StartOneAsync(Host.Support, registered, Cancellation));

        var tenant = await BehindAsync("papelera");
        var delete = await Host.Get<TenantDeletion>()
            .DeleteAsync(Host.Admin, tenant.Id, new DeletionRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
            Cancellation);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(delete)).State);
        await AssertRefusedAsync("is_trashed", () => Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation));

        // A tenant that is restored from the trash has the portal's schema version.
        Assert.Equal(OperationState.Succeeded,
            (await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, tenant.Id, null, Cancellation))).State);
        await AssertAtAsync(Head, tenant);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Upgrade_AnotherDatabaseUnderTheName_IsNotTouched()
    {
        var tenant = await BehindAsync("ajena");
        await PostgresServer.ExecuteAsync(
            Server.SuperuserUrl("postgres"), $"COMMENT ON DATABASE \"{tenant.DatabaseName}\" IS 'somebody else''s'",
            Cancellation);

        var ended = await Host.EndOfAsync(await Upgrade.StartOneAsync(Host.Admin, tenant.Id, Cancellation));

        Assert.Equal((OperationState.Failed, "database_not_ours"), (ended.State, ended.Error?.Code));
        Assert.Equal(OldSchema.Version, await VersionAsync(tenant));
    }
}
