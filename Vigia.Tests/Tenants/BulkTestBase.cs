using Npgsql;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Tenants;

/// <summary>A test that suspends or reactivates many tenants.</summary>
public abstract class BulkTestBase(PostgresServer server) : CoreTestBase(server)
{
    protected static readonly TenantBulkRequest Suspend = new(Suspends: true, "seguridad", "incidente 12");

    protected TenantBulk Bulk => Host.Get<TenantBulk>();

    protected OperationService Operations => Host.Get<OperationService>();

    protected async Task<(int Run, int NewDatabases)> PlannedAsync(Guid operation) =>
        await Operations.PlanRetryAsync(Host.Admin, operation, Cancellation) is { } plan
            ? (plan.Run, plan.NewDatabases) : default;

    protected Task<OperationItemPage> ItemsAsync(Guid operation) =>
        Host.Get<OperationResults>().ListAsync(Host.Support, operation, null, 1, 200, Cancellation);

    protected Task<long> CountAsync(string fromPortal) =>
        Host.ScalarAsync<long>(Host.Master.Database, $"SELECT count(*) FROM portal.{fromPortal}");

    protected Task ExecuteAsync(string sql) =>
        PostgresServer.ExecuteAsync(Server.SuperuserUrl(Host.Master.Database), sql, Cancellation);

    // Opens a transaction that locks the row, as a person with psql could.
    protected async Task<NpgsqlConnection> HoldAsync(int id)
    {
        var connection = await PostgresServer.OpenAsync(Server.SuperuserUrl(Host.Master.Database), Cancellation);
        await using var command =
            new NpgsqlCommand($"BEGIN; SELECT FROM clientes_saas WHERE id = {id} FOR UPDATE", connection);
        await command.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }
}
