using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Servers;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>Only what the adoption itself made is ever taken for the adoption's.</summary>
public sealed class ForeignObjectsTests(PostgresServer server) : AdoptionTestBase(server)
{
    [Fact]
    public async Task Adopt_ObjectsAppearAfterTheFirstLook_AreNamedAndTheCancelKeepsThem()
    {
        var (database, id) = await AdoptableAsync();
        var faults = await StepFaults.InstallAsync(Host);
        await faults.FailAsync(id, AdoptTenant.KindName, "add_missing", StepState.Running);
        var adopt = await AdoptAsync(id);
        Assert.Equal(OperationState.Failed, adopt.State);
        await faults.ClearAsync();
        await database.AsProductAsync("""
            CREATE TABLE senales (id serial PRIMARY KEY);
            ALTER TABLE icsr ADD origen_notificacion varchar(50);
            CREATE FUNCTION lima_month(moment timestamptz) RETURNS date LANGUAGE sql AS 'SELECT now()::date';
            """);

        await Host.Get<OperationService>().RetryAsync(Host.Admin, adopt.Id, Cancellation);
        adopt = await Host.EndOfAsync(adopt.Id);

        AssertFailed("adopt_appeared", adopt);
        Assert.Equal("icsr.origen_notificacion, senales, lima_month(moment timestamp with time zone)", string.Join(
            ", ", adopt.Error!.Args));
        await CancelAsync(adopt.Id);
        Assert.True(await database.ScalarAsync<bool>("""
            SELECT to_regclass('senales') IS NOT NULL AND to_regprocedure('lima_month(timestamptz)') IS NOT NULL
                AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'icsr'::regclass
                    AND attname = 'origen_notificacion')
            """));

        // Now they were there before.
        AssertSucceeded(await AdoptAsync(id));
        AssertSucceeded(await UndoAsync(id));
        Assert.True(await database.ScalarAsync<bool>(
            "SELECT to_regclass('senales') IS NOT NULL AND to_regprocedure('lima_month(timestamptz)') IS NOT NULL"));
    }

    [Fact]
    public async Task Undo_ObjectsInThePlaceOfOurs_StayAndAreNamed()
    {
        var (database, id) = await AdoptedAsync();
        await database.AsProductAsync("""
            ALTER TABLE icsr DROP origen_notificacion, ADD origen_notificacion varchar(50);
            DROP TABLE senal_casos, senales;
            """);
        await database.AsSuperuserAsync($"""
            CREATE TABLE senales (id serial PRIMARY KEY);
            ALTER TABLE senales OWNER TO {PostgresServer.PortalRole};
            """);

        AssertSucceeded(await UndoAsync(id));

        Assert.Equal("senales, icsr.origen_notificacion", await Host.ScalarAsync<string>(
            Host.Master.Database, $"SELECT kept FROM portal.adoptions WHERE tenant_id = {id}"));
        Assert.True(await database.ScalarAsync<bool>("SELECT to_regclass('senales') IS NOT NULL"));
    }

    [Fact]
    public async Task Undo_RowsWrittenSinceTheAdoption_KeepTheirMoments()
    {
        var (database, id) = await AdoptedAsync();
        await database.AsProductAsync("""
            INSERT INTO users (email, hashed_password) VALUES ('nuevo@p.pe', '-');
            INSERT INTO products (nombre) VALUES ('nuevo');
            """);

        AssertSucceeded(await UndoAsync(id));

        var kept = (await Host.ScalarAsync<string>(
            Host.Master.Database, $"SELECT kept FROM portal.adoptions WHERE tenant_id = {id}"))!.Split(", ");
        Assert.Contains("users.created_at", kept);
        Assert.Contains("products.created_at", kept);
        Assert.DoesNotContain("icsr.created_at", kept);
        Assert.Equal(1L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM products WHERE created_at > now() - interval '1 hour'"));
        Assert.Equal(3L, await database.ScalarAsync<long>("SELECT count(created_at) FROM users"));
    }

    [Fact]
    public async Task Undo_GroupHadRights_GivesThemBackAsTheyWere()
    {
        await using (var session = await Host.Get<ServerConnections>().OpenAsync(
            ServerConnections.MasterServerId, Host.Master.Database, Cancellation))
        {
            await RoleDdl.EnsureTenantGroupAsync(session, Cancellation);
        }

        var (database, id) = await AdoptableAsync();
        var group = SqlIdentifier.Quote(RoleDdl.TenantGroup);
        await database.AsProductAsync($"""
            GRANT USAGE ON SCHEMA public TO {group};
            GRANT SELECT (id), UPDATE (email) ON users TO {group};
            GRANT TRUNCATE, SELECT ON icsr TO {group} WITH GRANT OPTION;
            GRANT UPDATE ON SEQUENCE icsr_id_seq TO {group};
            GRANT DELETE ON facturas TO {group};
            """);
        var before = await RightsAsync(database);
        Assert.Equal(7, before.Count);

        AssertSucceeded(await AdoptAsync(id));
        Assert.NotEqual(before, await RightsAsync(database));
        AssertSucceeded(await UndoAsync(id));

        Assert.Equal(before, await RightsAsync(database));
    }

    [Fact]
    public async Task Adopt_TableIsHeld_WaitsWithTheTablesBeforeItAndWithoutThoseAfterIt()
    {
        var (database, id) = await AdoptableAsync();
        await using var holder = await PostgresServer.OpenAsync(database.Url, Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await using (var command = holder.CreateCommand())
        {
            command.CommandText = "SELECT count(*) FROM products";
            await command.ExecuteScalarAsync(Cancellation);
        }

        var operation = await Host.Get<AdoptionService>().AdoptAsync(Host.Admin, id, Approved, Cancellation);

        await Eventually.HoldsAsync("it waits for products", async () => await database.ScalarAsync<string>("""
            SELECT string_agg(c.relname || ' ' || l.granted, ', ' ORDER BY c.relname)
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
            WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.mode = 'AccessExclusiveLock' AND c.relname IN ('icsr', 'products', 'users')
            """) == "icsr true, products false", Cancellation);
        await transaction.RollbackAsync(Cancellation);
        AssertSucceeded(await Host.EndOfAsync(operation));
    }

    private async Task CancelAsync(Guid operation)
    {
        await Host.Get<OperationService>().CancelAsync(Host.Admin, operation, Cancellation);
        await Eventually.HoldsAsync("it is cancelled", async () => (await Host.Get<OperationService>()
            .GetAsync(Host.Admin, operation, Cancellation)).State == OperationState.Cancelled, Cancellation);
    }

    private async Task<IReadOnlyList<string>> RightsAsync(ProductDatabase database)
    {
        await using var session = await PostgresServer.OpenAsync(Server.SuperuserUrl(database.Name), Cancellation);
        await SchemaReader.TrustOnlyCatalogueAsync(session, Cancellation);
        return [.. (await GroupRights.ReadAsync(session, Cancellation)).Select(r => r.ToString()).Order()];
    }
}
