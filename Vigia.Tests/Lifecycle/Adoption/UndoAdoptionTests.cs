using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>The undo removes what is the portal's and empty, until the adoption is confirmed. Completing adds the rest.
/// </summary>
public sealed class UndoAdoptionTests(PostgresServer server) : AdoptionTestBase(server)
{
    [Fact]
    public async Task Undo_NothingWritten_LeavesTheDatabaseAsItWas()
    {
        var (database, id) = await AdoptableAsync();
        await database.AsProductAsync("COMMENT ON DATABASE " + database.Name + " IS 'nuestra'");
        var catalogue = await database.CatalogueAsync();
        var columns = await database.ColumnsAsync();
        var rows = await database.ChecksumsAsync(columns);
        AssertSucceeded(await AdoptAsync(id));
        Assert.NotEqual(catalogue, await database.CatalogueAsync());
        var role = await RoleOfAsync(await RowAsync(id));

        AssertSucceeded(await UndoAsync(id));

        Assert.Equal(rows, await database.ChecksumsAsync(columns));
        Assert.Equal(WithoutImpliedRights(catalogue), WithoutImpliedRights(await database.CatalogueAsync()));
        var row = await RowAsync(id);
        Assert.Equal((TenantState.Unmanaged, null, true), (row.State, row.ServerId, row.IsActive));
        Assert.False(await database.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"));
        Assert.Equal(1, await RecordsAsync(id, "tenant.adoption_undone"));
        await AssertRefusedAsync("not_adopted", () => UndoAsync(id));

        // It can be adopted again.
        AssertSucceeded(await AdoptAsync(id));
    }

    [Fact]
    public async Task Undo_RowsInNewTables_StayAndAreNamed()
    {
        var (database, id) = await AdoptedAsync();
        await database.AsSuperuserAsync("""
            INSERT INTO establecimientos (codigo, nombre) VALUES ('E1', 'Central');
            UPDATE icsr SET origen_notificacion = 'correo' WHERE id = 1;
            """);

        var undo = await UndoAsync(id);

        AssertSucceeded(undo);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM establecimientos"));
        Assert.Equal("correo",
            await database.ScalarAsync<string>("SELECT origen_notificacion FROM icsr WHERE id = 1"));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('public.senales') IS NULL"));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('public.audit_log') IS NOT NULL"));
        var kept = await Host.ScalarAsync<string>(Host.Master.Database,
            $"SELECT kept FROM portal.adoptions WHERE tenant_id = {id}");
        Assert.Contains("establecimientos", kept, StringComparison.Ordinal);
        Assert.Contains("icsr.origen_notificacion", kept, StringComparison.Ordinal);
        Assert.DoesNotContain("senales", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Confirm_EndsTheUndo_AndARetriedUndoRemovesNothing()
    {
        var (database, id) = await AdoptedAsync();
        var faults = await StepFaults.InstallAsync(Host);
        await faults.FailAsync(id, UndoAdoption.KindName, "begin_undo", StepState.Running);
        var undo = await UndoAsync(id);
        Assert.Equal(OperationState.Failed, undo.State);
        await faults.ClearAsync();
        await ConfirmAsync(id);
        var catalogue = await database.CatalogueAsync();

        await AssertRefusedAsync("operation_overtaken",
            () => Host.Get<OperationService>().RetryAsync(Host.Admin, undo.Id, Cancellation));
        await AssertRefusedAsync("adoption_confirmed", () => UndoAsync(id));
        await AssertRefusedAsync("adoption_confirmed", () => ConfirmAsync(id));

        // An undo that was queued before the confirmation decides when it runs.
        await using (var db = await Host.OpenMasterAsync())
        {
            var adoption = await Host.ScalarAsync<Guid>(
                Host.Master.Database, $"SELECT id FROM portal.adoptions WHERE tenant_id = {id}");
            var queued = Host.Get<OperationQueue>().Enqueue(
                db, Host.Admin, UndoAdoption.KindName, await RowAsync(id), new AdoptionFollowUpData(adoption, "tarde"));
            await db.SaveChangesAsync(Cancellation);
            AssertFailed("adoption_confirmed", await Host.EndOfAsync(queued.Id));
        }

        Assert.Equal(catalogue, await database.CatalogueAsync());
        Assert.Equal(TenantState.Ready, (await RowAsync(id)).State);
    }

    [Fact]
    public async Task Undo_WithoutTheMarker_IsRefusedAndSoIsTheReclaimOfAForeignOwner()
    {
        var (database, id) = await AdoptedAsync();
        await AsSuperuserAsync("postgres", $"COMMENT ON DATABASE {database.Name} IS NULL");
        AssertFailed("database_not_ours", await UndoAsync(id));
        Assert.Equal(TenantState.Unmanaged, (await RowAsync(id)).State);

        // The portal has a row of the database, so it is reclaimed and not adopted again.
        await AssertRefusedAsync("adopt_reclaimable", () => AdoptAsync(id));
        AssertFailed("database_owner", await Host.EndOfAsync(await Host.Get<TenantReclaiming>()
            .ReclaimAsync(Host.Admin, id, "restaurada", Cancellation)));
    }

    [Fact]
    public async Task Undo_AfterSevenDays_IsRefused()
    {
        var (_, id) = await AdoptedAsync();
        await AsSuperuserAsync(Host.Master.Database,
            $"UPDATE portal.adoptions SET undo_until = now() - interval '1 second' WHERE tenant_id = {id}");
        await AssertRefusedAsync("adoption_confirmed", () => UndoAsync(id));
        Assert.Equal(AdoptionStage.Confirmed, (await ViewAsync(id)).AdoptionStage);
    }

    [Fact]
    public async Task Complete_AfterTheConfirmation_AuditsAndEnforcesTheLimits()
    {
        var (database, id) = await AdoptedAsync();
        var followUps = Host.Get<AdoptionFollowUps>();
        await AssertRefusedAsync("adoption_not_confirmed", () => followUps.CompleteAsync(Host.Admin, id, Cancellation));
        await database.AsProductAsync("""
            INSERT INTO users (email, hashed_password) VALUES ('uno@p.pe', '-'), ('dos@p.pe', '-');
            """);
        await ConfirmAsync(id);
        var planned = await followUps.PlanCompletionAsync(Host.Admin, id, Cancellation);
        Assert.Contains(planned, t => t is { Table: "users", Name: "users_count_insert" });
        Assert.DoesNotContain(planned, t => t.Table == "establecimientos");
        var columns = await database.ColumnsAsync();
        var rows = await database.ChecksumsAsync(columns);

        AssertSucceeded(await Host.EndOfAsync(await followUps.CompleteAsync(Host.Admin, id, Cancellation)));

        Assert.Equal(rows.Where(r => !r.Contains("tenant_", StringComparison.Ordinal)),
            (await database.ChecksumsAsync(columns)).Where(r => !r.Contains("tenant_", StringComparison.Ordinal)));
        var view = await ViewAsync(id);
        Assert.Equal((AdoptionStage.Completed, false, true),
            (view.AdoptionStage, view.LacksOwnTriggers, view.LimitsApplied));
        Assert.Equal(4, await database.ScalarAsync<int>(
            "SELECT usado FROM tenant_usage WHERE limite = 'max_usuarios'"));
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => database.AsProductAsync(
            "INSERT INTO users (email, hashed_password, is_active) VALUES ('tres@p.pe', '-', true)"));
        Assert.Equal("VL001", refused.SqlState);
        await database.AsProductAsync("UPDATE products SET nombre = 'otro' WHERE id = 1");
        Assert.Equal(1L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM audit_log WHERE entity = 'products' AND action = 'UPDATE'"));
        await AssertRefusedAsync("adoption_completed", () => followUps.CompleteAsync(Host.Admin, id, Cancellation));
    }

    [Fact]
    public async Task Adopt_CancelledAndKilledInTheMiddle_KnowsWhatWasThereBefore()
    {
        var (database, id) = await AdoptableAsync();
        var catalogue = await database.CatalogueAsync();
        var faults = await StepFaults.InstallAsync(Host);
        await faults.FailAsync(id, AdoptTenant.KindName, "add_missing", StepState.Done);
        var adopt = await AdoptAsync(id);
        Assert.Equal(OperationState.Failed, adopt.State);
        await faults.ClearAsync();
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('public.senales') IS NOT NULL"));
        await AssertRefusedAsync("adoption_unfinished", () => Host.Get<TenantReclaiming>()
            .ReclaimAsync(Host.Admin, id, "restaurada", Cancellation));

        await Host.Get<OperationService>().CancelAsync(Host.Admin, adopt.Id, Cancellation);
        await Eventually.HoldsAsync("it is cancelled", async () => (await Host.Get<OperationService>()
            .GetAsync(Host.Admin, adopt.Id, Cancellation)).State == OperationState.Cancelled, Cancellation);

        Assert.Equal(WithoutImpliedRights(catalogue), WithoutImpliedRights(await database.CatalogueAsync()));
        await faults.FailAsync(id, AdoptTenant.KindName, "add_missing", StepState.Done);
        adopt = await AdoptAsync(id);
        await faults.ClearAsync();
        await Host.Get<OperationService>().RetryAsync(Host.Admin, adopt.Id, Cancellation);
        AssertSucceeded(await Host.EndOfAsync(adopt.Id));
        AssertSucceeded(await UndoAsync(id));
        Assert.Equal(WithoutImpliedRights(catalogue), WithoutImpliedRights(await database.CatalogueAsync()));
    }

    [Fact]
    public async Task Cancel_OfAnOlderFailedAdoption_LeavesTheNewerOneAlone()
    {
        var (_, id) = await AdoptableAsync();
        var faults = await StepFaults.InstallAsync(Host);
        await faults.FailAsync(id, AdoptTenant.KindName, "add_missing", StepState.Done);
        var older = await AdoptAsync(id);
        Assert.Equal(OperationState.Failed, older.State);
        await faults.ClearAsync();
        AssertSucceeded(await AdoptAsync(id));
        var role = await RoleOfAsync(await RowAsync(id));

        await Host.Get<OperationService>().CancelAsync(Host.Admin, older.Id, Cancellation);
        await Eventually.HoldsAsync("it is over", async () => (await Host.Get<OperationService>()
            .GetAsync(Host.Admin, older.Id, Cancellation)).State == OperationState.Cancelled, Cancellation);

        Assert.Equal((TenantState.Ready, role),
            ((await RowAsync(id)).State, await RoleOfAsync(await RowAsync(id))));
        AssertSucceeded(await ProveAsync(await RowAsync(id)));
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Delete_AdoptedDatabase_GoesToTheTrashAndBackAndKeepsItsDuties()
    {
        var (database, id) = await AdoptedAsync();
        await ConfirmAsync(id);
        var row = await RowAsync(id);
        await AssertRefusedAsync("retention_too_short", () => Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, id, new DeletionRequest(row.Subdomain!, "fin", CoreHost.AdminPassword, 0), Cancellation));
        AssertSucceeded(await Host.EndOfAsync(await Host.Get<TenantDeletion>().DeleteAsync(
            Host.Admin, id, new DeletionRequest(row.Subdomain!, "fin", CoreHost.AdminPassword), Cancellation)));
        AssertSucceeded(await Host.EndOfAsync(
            await Host.Get<TrashService>().RestoreAsync(Host.Admin, id, null, Cancellation)));
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM users"));
        Assert.Equal(AdoptionStage.Confirmed, (await ViewAsync(id)).AdoptionStage);
    }

    [Theory]
    [InlineData("CREATE EXTENSION", "adopt_event_triggers")]
    [InlineData("ALTER TABLE users ALTER is_active DROP DEFAULT, ALTER is_active TYPE integer USING 1",
        "adopt_column_type")]
    [InlineData("UPDATE users SET roles = '{}'", "content_no_admin")]
    [InlineData("DROP TABLE users CASCADE", "adopt_not_vigia")]
    [InlineData("CREATE VIEW clients AS SELECT 1 AS id", "adopt_name_taken")]
    [InlineData("ALTER TABLE products DROP COLUMN id", "adopt_key_missing")]
    [InlineData("COMMENT", "database_belongs_to_another")]
    [InlineData("TWICE", "adopt_named_twice")]
    public async Task Adopt_Obstacle_IsReportedAndRefused(string change, string code)
    {
        var (database, id) = await AdoptableAsync();
        switch (change)
        {
            case "CREATE EXTENSION":
                await database.AsSuperuserAsync("""
                    CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
                    CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION watch();
                    """);
                break;
            case "COMMENT":
                await database.AsProductAsync($"COMMENT ON DATABASE {database.Name} IS "
                    + $"'{DatabaseMarker.ForDatabase(Guid.NewGuid(), Guid.NewGuid())}'");
                break;
            case "TWICE":
                var other = await ProductRowAsync(NewName("otro"), $"{database.Name}_x");
                await AsSuperuserAsync(Host.Master.Database, $"""
                    ALTER TABLE clientes_saas DROP CONSTRAINT clientes_saas_db_name_key;
                    UPDATE clientes_saas SET db_name = '{database.Name}' WHERE id = {other};
                    """);
                break;
            default:
                await database.AsProductAsync(change);
                break;
        }

        var report = await Host.Get<AdoptionService>().InspectTenantAsync(Host.Admin, id, Cancellation);

        Assert.Equal(code, report.Obstacles[0].Code);
        await AssertRefusedAsync(code, () => AdoptAsync(id));
    }

    [Theory]
    [InlineData("postgres")]
    [InlineData("template1")]
    [InlineData("MASTER")]
    public async Task Inspect_DatabaseOfTheServer_IsRefused(string name)
    {
        var report = await Host.Get<AdoptionService>().InspectAsync(
            Host.Admin, name == "MASTER" ? Host.Master.Database : name, Cancellation);

        Assert.Equal("adopt_reserved", report.Obstacles[0].Code);
    }

    // When it grants or revokes rights, PostgreSQL also writes down the rights that an owner has by default.
    private static string WithoutImpliedRights(string catalogue) => string.Join('\n', catalogue.Split('\n')
        .Select(line => System.Text.RegularExpressions.Regex.Replace(line, @"\{[^}]*\}", "")
            .TrimEnd()));
}
