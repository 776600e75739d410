using System.Globalization;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Deletion;

/// <summary>
/// Every kind of holder of a tenant's database or role, each really caused. The portal names all of them together
/// before it closes anything, with a statement that clears each. A holder that appears later leaves the tenant either
/// reachable or in the trash.
/// </summary>
public sealed class HolderTests(HolderServer fixture) : DeletionTestBase(fixture.Server), IClassFixture<HolderServer>
{
    private OperationService Operations => Host.Get<OperationService>();

    [Fact]
    public async Task Delete_HeldByEverything_NamesEachAndContinuesAfterTheStatements()
    {
        var other = await ReadyAsync(NewName("vecino"));
        var tenant = await ReadyAsync(NewName("retenido"), "demo");
        var (database, role) = (tenant.DatabaseName!, SqlIdentifier.Quote(await RoleOfAsync(tenant)));
        var foreign = $"ajena_{Guid.NewGuid():n}";
        await AsSuperuserAsync("postgres", $"CREATE DATABASE {foreign}");

        // The slot comes first: creating one waits for every open transaction, also for prepared ones.
        await AsSuperuserAsync(database, $"SELECT pg_create_logical_replication_slot('{foreign}', 'pgoutput')");
        await AsSuperuserAsync(
            database, "CREATE SUBSCRIPTION abo CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false)");
        await PrepareAsTenantAsync(tenant, "l'oubliée");
        await AsSuperuserAsync(
            foreign,
            $"CREATE TABLE one (); CREATE TABLE two (); GRANT SELECT ON one TO {role}; "
            + $"SELECT lo_create(5); ALTER LARGE OBJECT 5 OWNER TO {role}");
        await AsSuperuserAsync(foreign, $"BEGIN; GRANT SELECT ON two TO {role}; PREPARE TRANSACTION 'granting'");
        await AsSuperuserAsync(other.DatabaseName!, $"SELECT lo_create(6); ALTER LARGE OBJECT 6 OWNER TO {role}");
        await AsSuperuserAsync(other.DatabaseName!, $"SELECT lo_create(8); GRANT SELECT ON LARGE OBJECT 8 TO {role}");
        await AsSuperuserAsync(other.DatabaseName!, "BEGIN; SELECT lo_create(9); PREPARE TRANSACTION 'beside'");

        // From PostgreSQL 16 on, the grantor of a membership can't be dropped, and the portal has ADMIN on roles that
        // it created.
        await AsSuperuserAsync("postgres", "CREATE ROLE g1; CREATE ROLE m1");
        await AsSuperuserAsync("postgres", $"GRANT g1 TO {role} WITH ADMIN OPTION; SET ROLE {role}; GRANT g1 TO m1");
        await AsSuperuserAsync("postgres", $"REVOKE {role} FROM {PostgresServer.PortalRole}");
        string[] from16 = await VersionAsync() >= 16 ? ["holder_role_admin", "holder_role_grants_shared"] : [];
        await AsSuperuserAsync(
            "postgres",
            $"GRANT CONNECT ON DATABASE {foreign} TO {role}; GRANT SET ON PARAMETER log_statement TO {role}; "
            + $"ALTER ROLE {role} SUPERUSER");
        await AsSuperuserAsync(
            "postgres",
            $"ALTER DATABASE {SqlIdentifier.Quote(database)} IS_TEMPLATE true; "
            + $"ALTER DATABASE {SqlIdentifier.Quote(database)} OWNER TO postgres");
        await using var held = await PostgresServer.OpenAsync(Server.SuperuserUrl(database), Cancellation);
        await PrepareGrantAsync(SqlIdentifier.Quote(database));
        await using var changing = await PostgresServer.OpenAsync(Server.SuperuserUrl("postgres"), Cancellation);
        await ExecuteAsync(changing, $"BEGIN; COMMENT ON DATABASE {SqlIdentifier.Quote(database)} IS NULL");

        var operation = await Host.EndOfAsync(await AskDeletionAsync(tenant, 0));

        Assert.Equal((OperationState.Waiting, "tenant_held"), (operation.State, operation.Error?.Code));
        Assert.Equal(
            [
                .. new[]
                {
                    "holder_changing_session", "holder_owner", "holder_prepared_elsewhere",
                    "holder_prepared_transaction",
                    "holder_role_grants", "holder_role_grants_shared", "holder_role_grants_shared", "holder_role_owns",
                    "holder_role_owns",
                    "holder_role_prepared_transaction", "holder_role_prepared_transaction", "holder_role_superuser",
                    "holder_session",
                    "holder_slot", "holder_subscription", "holder_template",
                }.Concat(from16).Order(StringComparer.Ordinal),
            ], operation.Error!.Parts.Select(p => p.Code).Order(StringComparer.Ordinal));
        Assert.All(["es-PE", "en"], language => AssertReadable(operation.Error, CultureInfo.GetCultureInfo(language)));
        var auditor = new Actor(
            Guid.NewGuid(), "Aurora Auditora", null, [StaffRoles.Auditor])
        { TenantScope = [tenant.Id] };
        Assert.Empty((await Operations.GetAsync(auditor, operation.Id, Cancellation)).Error!.Parts);

        // Nothing is closed, renamed or revoked.
        await AssertReachableAsync(tenant);
        Assert.Equal("look", operation.Steps.Single(s => s.State == StepState.Failed).Name);

        foreach (var part in operation.Error.Parts)
        {
            await AsSuperuserAsync(part.Args[0], part.Args[1]);
        }

        // The statements take nothing from the tenant itself, so the operation could still be cancelled now.
        await AssertReachableAsync(tenant);
        await Operations.RetryAsync(Host.Admin, operation.Id, Cancellation);
        var ended = await Host.EndOfAsync(operation.Id);

        Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        Assert.Equal(0L, await Host.ScalarAsync<long>(
            "postgres", $"SELECT count(*) FROM pg_database WHERE datname = '{database}'"));
        Assert.Equal(1, await RecordsAsync(tenant.Id, "tenant.purged"));
        Assert.Equal("postgres", await OwnerOfLargeObjectAsync(foreign, 5));
        Assert.Equal(PostgresServer.PortalRole, await OwnerOfLargeObjectAsync(other.DatabaseName!, 6));
        await WorldCheck.AssertAgreesAsync(Host);
        await Server.DropDatabaseAsync(foreign, Cancellation);
    }

    [Fact]
    public async Task Delete_HeldAfterTheFirstCheck_NamesItAndLeavesNothingHalfDone()
    {
        var tenant = await ReadyAsync(NewName("tarde"));
        var (database, oid) = (SqlIdentifier.Quote(tenant.DatabaseName!), await OidAsync(tenant));
        Guid first;
        await using (var gate = await StepGate.CloseAsync(Host, "look"))
        {
            first = await AskDeletionAsync(tenant, null);
            await gate.ReachedAsync();
            await PrepareAsTenantAsync(tenant, "late");
            await gate.OpenAsync();
        }

        await AssertHeldAsync(first, "terminate", "holder_prepared_transaction");
        await AssertReachableAsync(tenant);

        // The same condition as after a person clears the role by hand with DROP OWNED.
        await AsSuperuserAsync(
            "postgres", $"REVOKE CONNECT ON DATABASE {database} FROM {SqlIdentifier.Quote(await RoleOfAsync(tenant))}");
        await Operations.CancelAsync(Host.Admin, first, Cancellation);
        Assert.Equal(OperationState.Cancelled, (await Host.EndOfAsync(first)).State);
        await AssertReachableAsync(tenant);
        Assert.Equal((TenantState.Ready, true),
            await RowAsync(tenant.Id) is var row ? (row.State, row.IsActive) : default);
        await AsSuperuserAsync(tenant.DatabaseName!, "ROLLBACK PREPARED 'late'");

        // The statement that closes the database must not wait for minutes.
        Guid second;
        await using (var gate = await StepGate.CloseAsync(Host, "look"))
        {
            second = await AskDeletionAsync(tenant, null);
            await gate.ReachedAsync();
            await PrepareGrantAsync(database);
            await gate.OpenAsync();
        }

        await AssertHeldAsync(second, "block", "holder_prepared_elsewhere");
        await AssertReachableAsync(tenant);
        await using (var gate = await StepGate.CloseAsync(Host, "terminate"))
        {
            await ClearAndRetryAsync(second);
            await gate.ReachedAsync();
            await AsSuperuserAsync("postgres", $"ALTER DATABASE {database} IS_TEMPLATE true");
            await gate.OpenAsync();
        }

        await AssertHeldAsync(second, "trash", "holder_template");
        await AssertReachableAsync(tenant);
        await ClearAndRetryAsync(second);
        Assert.Equal(OperationState.Succeeded, (await Host.EndOfAsync(second)).State);

        // A holder in the trash: nothing is dropped.
        var trashed = await Host.ScalarAsync<string>(
            "postgres",
            "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') "
            + $"LIKE '%' || (SELECT '{await DatabaseIdAsync(tenant.Id)}')");
        await AsSuperuserAsync("postgres", $"ALTER DATABASE {trashed} IS_TEMPLATE true");
        await PostgresServer.ExecuteAsync(
            Host.Master,
            $"UPDATE portal.tenant_trash SET purge_after = now() - interval '1 second' WHERE id = {tenant.Id}",
            Cancellation);
        var purge = await Trash
            .PurgeAsync(
                Host.Admin, tenant.Id, new PurgeRequest(tenant.Subdomain!, "fin", CoreHost.AdminPassword),
                Cancellation);
        await AssertHeldAsync(purge, "drop_database", "holder_template");
        var held = await Operations.GetAsync(Host.Admin, purge, Cancellation);
        var lies = await InTrashAsync(tenant.Id);
        Assert.True(TrashAction.Restore.IsPossible(TrashStandings.Of(lies, [held], DateTimeOffset.UtcNow)));

        // A purge that waits has dropped nothing yet. The restore replaces it.
        await AsSuperuserAsync("postgres", $"ALTER DATABASE {trashed} IS_TEMPLATE false");
        var restore = await Host.EndOfAsync(
            await Trash.RestoreAsync(Host.Admin, tenant.Id, null, Cancellation));

        Assert.True(restore.State == OperationState.Succeeded, $"{restore.State}: {restore.Error}");
        var superseded = await Operations.GetAsync(Host.Admin, purge, Cancellation);
        Assert.Equal((OperationState.Cancelled, "superseded_by_restore"), (superseded.State, superseded.Error?.Code));
        Assert.Equal((TenantState.Ready, oid), ((await RowAsync(tenant.Id)).State, await OidAsync(tenant)));
        Assert.Equal((2L, 0L),
            (await RecordsAsync(tenant.Id, "operation.cancelled"), await RecordsAsync(tenant.Id, "tenant.purged")));
        await AssertReachableAsync(tenant);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public async Task Delete_MissingRightsActiveSlotOrVacuum_SaysWhatToDo()
    {
        var tenant = await ReadyAsync(NewName("permiso"), "demo");
        var (database, portal) = (tenant.DatabaseName!, PostgresServer.PortalRole);
        await AsSuperuserAsync(database, "SELECT pg_create_logical_replication_slot('en_uso', 'pgoutput')");
        await AsSuperuserAsync("postgres", "CREATE ROLE lector LOGIN REPLICATION PASSWORD 'x'");
        await AsSuperuserAsync("postgres", $"GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(database)} TO lector");
        var receives = Psql.ReceiveAsync(Server.SuperuserUrl(database).WithUser("lector", "x"), "en_uso", Cancellation);
        await Eventually.HoldsAsync("the slot is in use", () => Host.ScalarAsync<bool>(
            "postgres", "SELECT active FROM pg_replication_slots WHERE slot_name = 'en_uso'"), Cancellation);
        await AsSuperuserAsync("postgres", $"ALTER ROLE {portal} NOCREATEDB NOCREATEROLE");

        var operation = await AskDeletionAsync(tenant, 0);
        await AssertHeldAsync(operation, "look", "holder_portal_right", "holder_portal_right", "holder_slot_active");
        await AssertReachableAsync(tenant);

        await using (var gate = await StepGate.CloseAsync(Host, "terminate"))
        {
            await ClearAndRetryAsync(operation);
            await receives;
            await gate.ReachedAsync();
            await AsSuperuserAsync("postgres", $"ALTER ROLE {portal} NOCREATEDB");
            await gate.OpenAsync();
        }

        await AssertHeldAsync(operation, "trash", "holder_portal_right");
        await AssertReachableAsync(tenant);

        // The server's own autovacuum holds the database. The deletion waits only a moment for it, although only a
        // superuser may end it.
        await AsSuperuserAsync(database, """
            CREATE TABLE vacuumed WITH (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
                autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_cost_delay = 100)
                AS SELECT generate_series(1, 90000);
            DELETE FROM vacuumed
            """);
        await AsSuperuserAsync("postgres", "ALTER SYSTEM SET autovacuum_naptime = '1s'");
        await AsSuperuserAsync("postgres", "ALTER SYSTEM SET autovacuum = on");
        await AsSuperuserAsync("postgres", "SELECT pg_reload_conf()");
        await Eventually.HoldsAsync("the table is vacuumed", () => Host.ScalarAsync<bool>(
            database, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'autovacuum: VACUUM%vacuumed%')"),
                Cancellation);
        await ClearAndRetryAsync(operation);

        var ended = await Host.EndOfAsync(operation);
        Assert.True(ended.State == OperationState.Succeeded, $"{ended.State}: {ended.Error}");
        await AsSuperuserAsync("postgres", "ALTER SYSTEM RESET autovacuum_naptime");
        await AsSuperuserAsync("postgres", "ALTER SYSTEM RESET autovacuum");
        await AsSuperuserAsync("postgres", "SELECT pg_reload_conf()");
        await WorldCheck.AssertAgreesAsync(Host);
    }

    [Fact]
    public void Holders_Many_AreCutWithACount()
    {
        var found = Enumerable.Range(0, HolderCheck.MaxNamed + 3)
            .Select(i => new Message("holder_template", "postgres", "x", $"d{i}")).ToList();

        var waits = Assert.Throws<PersonNeededException>(() => HolderCheck.DemandNone("d", found));

        Assert.Equal(HolderCheck.MaxNamed + 1, waits.Reason.Parts.Count);
        Assert.Equal(new Message("holders_more", "3"), waits.Reason.Parts[^1]);
    }

    private static void AssertReadable(Message error, CultureInfo language)
    {
        var text = error.Render(language);
        Assert.All(error.Parts, part =>
        {
            Assert.Contains(part.Args[1], text, StringComparison.Ordinal);
            Assert.DoesNotContain("holder_", part.Render(language), StringComparison.Ordinal);
        });
        Assert.NotNull(error.RenderAdvice(language));
    }

    private async Task AssertHeldAsync(Guid id, string step, params string[] codes)
    {
        var operation = await Host.EndOfAsync(id);
        Assert.True(operation.State == OperationState.Waiting, $"{operation.State}: {operation.Error}");
        Assert.Equal(step, operation.Steps.Single(s => s.State == StepState.Failed).Name);
        Assert.Equal(codes, operation.Error!.Parts.Select(p => p.Code));
    }

    private async Task ClearAndRetryAsync(Guid id)
    {
        foreach (var part in (await Operations.GetAsync(Host.Admin, id, Cancellation)).Error!.Parts)
        {
            await AsSuperuserAsync(part.Args[0], part.Args[1]);
        }

        await Operations.RetryAsync(Host.Admin, id, Cancellation);
    }

    private async Task AssertReachableAsync(Tenant tenant)
    {
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM users", session);
        Assert.Equal(1L, await command.ExecuteScalarAsync(Cancellation));
    }

    private async Task PrepareAsTenantAsync(Tenant tenant, string name)
    {
        await using var session = await Host.Get<TenantConnections>()
            .OpenAsync(tenant.Id, tenant.DatabaseName!, Cancellation);
        await using var command = new NpgsqlCommand(
            "BEGIN; INSERT INTO clients (razon_social) VALUES ('x'); "
            + $"PREPARE TRANSACTION {SqlLiteral.Quote(name)}", session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private Task PrepareGrantAsync(string database) =>
        AsSuperuserAsync("postgres",
            $"BEGIN; GRANT CONNECT ON DATABASE {database} TO PUBLIC; PREPARE TRANSACTION 'elsewhere'");

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private Task<int> VersionAsync() =>
        Host.ScalarAsync<int>("postgres", "SELECT current_setting('server_version_num')::int / 10000");

    private Task AsSuperuserAsync(string database, string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(database), sql, Cancellation);

    private async Task<string> RoleOfAsync(Tenant tenant) =>
        (await Host.ScalarAsync<string>(
            Host.Master.Database,
            $"SELECT role_name FROM portal.tenant_credentials WHERE tenant_id = {tenant.Id} AND is_current"))!;

    private Task<uint> OidAsync(Tenant tenant) =>
        Host.ScalarAsync<uint>("postgres", $"SELECT oid FROM pg_database WHERE datname = '{tenant.DatabaseName}'");

    private Task<Guid> DatabaseIdAsync(int tenantId) =>
        Host.ScalarAsync<Guid>(Host.Master.Database, $"SELECT id FROM portal.databases WHERE tenant_id = {tenantId}");

    private Task<string?> OwnerOfLargeObjectAsync(string database, int id) =>
        Host.ScalarAsync<string>(
            database, $"SELECT lomowner::regrole::text FROM pg_largeobject_metadata WHERE oid = {id}");
}
