using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Adoption;

/// <summary>A registry that the product filled, with its databases, is adopted in one operation.</summary>
public sealed class FleetAdoptionTests(PostgresServer server) : AdoptionTestBase(server)
{
    private const int Each = 10;

    // The differences between the databases of a fleet.
    private static readonly (string Stem, string Sql)[] Drifts =
    [
        ("igual", ""),
        ("menos", "ALTER TABLE users DROP COLUMN custom_permissions, DROP COLUMN username; DROP TABLE products"),
        ("otros", """
            ALTER TABLE icsr ALTER codigo_interno TYPE text, ADD COLUMN propia text DEFAULT 'x';
            CREATE TABLE establecimientos (id serial PRIMARY KEY, nombre text, is_active boolean DEFAULT true);
            CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            """),
        ("claves", "CREATE TABLE empleados (id uuid PRIMARY KEY, nombre text); CREATE SCHEMA propio"),
        ("nadie", "UPDATE users SET roles = '{}'"),
    ];

    [Fact]
    public async Task Fleet_50DatabasesOfDifferingDrift_AreAdoptedOrNamedAndARetryDoesTheRest()
    {
        var (owner, password) = ($"flota_{Guid.NewGuid():n}"[..30], PasswordGenerator.Create());
        await AsSuperuserAsync("postgres", $"""
            CREATE ROLE {owner} LOGIN PASSWORD '{password}'; GRANT {owner} TO {PostgresServer.PortalRole};
            """);
        var names = await MakeAsync(owner, password);
        var service = Host.Get<FleetAdoption>();
        var listed = await service.ListAsync(Host.Admin, Cancellation);
        Assert.Equal(names.Order(StringComparer.Ordinal),
            listed.Select(t => t.DatabaseName).Order(StringComparer.Ordinal));
        Assert.Equal(["vigia_ruc_digits"],
            Assert.Single(await Host.Get<RegistryCorrections>().ListAsync(Host.Admin, Cancellation)).Rules);

        var operation = await EndOfManyAsync(
            await service.StartAsync(Host.Admin, null, Approved, Cancellation));

        Assert.Equal((OperationState.Failed, "items_failed"), (operation.State, operation.Error?.Code));
        var items = await ItemsAsync(operation.Id);
        Assert.Equal(4 * Each, items.Count(i => i.State == OperationItemState.Done));
        Assert.All(items.Where(i => i.State != OperationItemState.Done), i => Assert.Equal(
            (OperationItemState.Failed, "content_no_admin", true),
            (i.State, i.Message?.Code, i.Subdomain?.StartsWith("nadie", StringComparison.Ordinal))));

        foreach (var name in names.Where(n => n.Contains("nadie", StringComparison.Ordinal)))
        {
            await AsSuperuserAsync(name, "UPDATE users SET roles = ARRAY['admin'] WHERE id = 1");
        }

        await Host.Get<OperationService>().RetryAsync(Host.Admin, operation.Id, Cancellation);
        operation = await EndOfManyAsync(operation.Id);
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.State} {operation.Error?.Render()}");
        Assert.Equal(5L * Each, await Host.ScalarAsync<long>(
            Host.Master.Database, "SELECT count(*) FROM portal.adoptions WHERE adopted_at IS NOT NULL"));
        Assert.Empty(await service.ListAsync(Host.Admin, Cancellation));
        await AssertRefusedAsync(
            "nothing_to_adopt", () => service.StartAsync(Host.Admin, null, Approved, Cancellation));

        // The older content is unchanged, also in the row that breaks a rule.
        Assert.Equal("x", await Host.ScalarAsync<string>(
            names.First(n => n.Contains("otros", StringComparison.Ordinal)), "SELECT propia FROM icsr WHERE id = 3"));
        var broken = await ViewAsync(Assert.Single(
            await Host.Get<RegistryCorrections>().ListAsync(Host.Admin, Cancellation)).TenantId);
        Assert.Equal(TenantState.Ready, broken.Row.State);
        Assert.Equal(["vigia_ruc_digits"], broken.Corrections);
        await WorldCheck.AssertAgreesAsync(Host);
    }

    // One database of each kind is made; the others are copies of it.
    private async Task<List<string>> MakeAsync(string owner, string password)
    {
        var names = new List<string>();
        foreach (var (stem, sql) in Drifts)
        {
            for (var i = 0; i < Each; i++)
            {
                var subdomain = NewName(stem);
                var name = $"vigia_{subdomain}";
                if (i == 0)
                {
                    Keep(await ProductDatabase.CreateAsync(
                        Server, ProductDatabase.Tables + sql, name, owner, password, ownsRole: false));
                }
                else
                {
                    Keep(await ProductDatabase.CopyAsync(Server, names[^i], name, owner, password));
                }

                names.Add(name);
                await ProductRowAsync(subdomain, name);
            }
        }

        // A row from before the portal.
        await AsSuperuserAsync(Host.Master.Database, $"""
            SET session_replication_role = replica;
            UPDATE clientes_saas SET ruc = '123' WHERE db_name = '{names[0]}';
            """);
        return names;
    }

    private async Task<Operation> EndOfManyAsync(Guid id)
    {
        Operation? operation = null;
        await Eventually.HoldsAsync("the fleet is adopted", async () =>
        {
            operation = await Host.Get<OperationService>().GetAsync(Host.Admin, id, Cancellation);
            return operation.State is OperationState.Succeeded or OperationState.Failed;
        }, Cancellation, TimeSpan.FromMinutes(4));
        return operation!;
    }

    private async Task<IReadOnlyList<OperationItem>> ItemsAsync(Guid operation) =>
        (await Host.Get<OperationResults>().ListAsync(Host.Admin, operation, null, 1, 100, Cancellation)).Items;
}
