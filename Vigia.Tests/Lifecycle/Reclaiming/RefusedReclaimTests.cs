using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Reclaiming;

/// <summary>
/// A database that is not this tenant's, or not as the portal needs it, is reported and left unchanged.
/// </summary>
public sealed class RefusedReclaimTests(PostgresServer server) : ReclaimingTestBase(server)
{
    // {own} is the tenant's database, {role} its role, {signed} the text that is written inside. The fields are the
    // database, the statement that causes the problem, the statement that repairs it, and the code of the refusal.
    private static readonly (string Where, string Break, string Mend, string Code)[] Ways =
    [
        ("postgres", "ALTER DATABASE {own} OWNER TO postgres", "ALTER DATABASE {own} OWNER TO vigia_portal",
            "database_owner"),
        ("postgres", "ALTER DATABASE {own} ALLOW_CONNECTIONS false", "ALTER DATABASE {own} ALLOW_CONNECTIONS true",
            "database_closed"),
        ("postgres", "COMMENT ON DATABASE {own} IS 'vigia:0:another'", "COMMENT ON DATABASE {own} IS NULL",
            "database_belongs_to_another"),
        ("postgres", "ALTER DATABASE {own} RENAME TO otra_de_{free}", "ALTER DATABASE otra_de_{free} RENAME TO {own}",
            "database_missing"),
        ("{own}", "COMMENT ON SCHEMA public IS 'vigia:0:another'", "COMMENT ON SCHEMA public IS {signed}",
            "content_of_another"),
        ("{own}", "COMMENT ON SCHEMA public IS NULL; UPDATE users SET email = 'nadie@otro.pe'",
            "COMMENT ON SCHEMA public IS {signed}", "content_unknown"),
        ("{own}", "UPDATE users SET roles = ARRAY['qf']", "UPDATE users SET roles = ARRAY['admin']",
            "content_no_admin"),
        ("{own}", "ALTER TABLE icsr OWNER TO postgres", "ALTER TABLE icsr OWNER TO vigia_portal", "content_owner"),
        ("{own}", "ALTER FUNCTION record_change() OWNER TO postgres",
            "ALTER FUNCTION record_change() OWNER TO vigia_portal", "content_owner"),
        ("{own}", "ALTER TABLE icsr RENAME TO icsr_old", "ALTER TABLE icsr_old RENAME TO icsr", "schema_incomplete"),
        ("{own}", "REVOKE ALL ON users, icsr FROM vigia_tenant",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON users, icsr TO vigia_tenant", "content_grants"),
    ];

    [Fact]
    public async Task Reclaim_EachRefusal_IsNamedAndPassesAfterTheRepair()
    {
        var tenant = await ReadyAsync(NewName("dudoso"));
        var other = await ReadyAsync(NewName("ajeno"));
        var marker = (await MarkerAsync(tenant))!;
        await ReplaceByCopyAsync(tenant);
        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        var words = new Dictionary<string, string>
        {
            ["{own}"] = SqlIdentifier.Quote(tenant.DatabaseName!), ["{signed}"] = SqlLiteral.Quote(marker),
            ["{free}"] = $"{Guid.NewGuid():n}"
        };
        foreach (var (where, breaks, mends, code) in Ways)
        {
            var database = where == "{own}" ? tenant.DatabaseName! : where;
            await AsSuperuserAsync(database, Fill(breaks, words));
            var before = await StandingAsync(tenant);
            AssertFailed(code, await ReclaimAsync(tenant));
            Assert.Equal(before, await StandingAsync(tenant));
            await AsSuperuserAsync(database, Fill(mends, words));
        }

        // The marker is on a database with another name. A person has to decide which one is the tenant's.
        await SetMarkerAsync(other, marker);
        AssertFailed("database_marked_elsewhere", await ReclaimAsync(tenant));
        await SetMarkerAsync(other, null);

        AssertSucceeded(await ReclaimAsync(tenant));
        Assert.Equal(marker, await MarkerAsync(tenant));
    }

    [Fact]
    public async Task Reclaim_OtherContentEmptyOrForeignDatabase_IsRefused()
    {
        var tenant = await ReadyAsync(NewName("vacio"));
        await AsSuperuserAsync("postgres", $"DROP DATABASE {SqlIdentifier.Quote(tenant.DatabaseName!)} WITH (FORCE)");
        await PostgresServer.ExecuteAsync(Server.PortalUrl("postgres"), $"CREATE DATABASE {SqlIdentifier.Quote(
            tenant.DatabaseName!)} TEMPLATE template0 ENCODING 'UTF8'", Cancellation);
        Assert.Null(await Host.Get<TenantContents>().CountAsync(Host.Admin, tenant.Id, Cancellation));
        AssertFailed("content_no_schema", await ReclaimAsync(tenant));
        Assert.Null(await MarkerAsync(tenant));

        var foreign = await RegisterAsync(NewName("producto"));
        await AsSuperuserAsync(
            Host.Master.Database, $"UPDATE clientes_saas SET state = 'unmanaged' WHERE id = {foreign}");
        await AssertRefusedAsync("tenant_unmanaged", async () => await ReclaimAsync(await RowAsync(foreign)));
        await AssertInvalidAsync("reason", "reason_required", async () => await ReclaimAsync(tenant, " "));
    }

    private Task<string?> StandingAsync(Tenant tenant) => Host.ScalarAsync<string>(
        "postgres",
        $"""
        SELECT concat_ws(' ', datname, datacl, datdba, datallowconn, shobj_description(oid, 'pg_database'))
        FROM pg_database WHERE datname = '{tenant.DatabaseName}'
        """);

    private static string Fill(string text, Dictionary<string, string> words) =>
        words.Aggregate(text, (filled, word) => filled.Replace(word.Key, word.Value, StringComparison.Ordinal));
}
