using Npgsql;
using Vigia.Core.Lifecycle.Reclaiming;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Tests.Infrastructure;
using Vigia.Tests.Lifecycle.Isolation;

namespace Vigia.Tests.Lifecycle.Reclaiming;

/// <summary>Helpers for tests of lost and reclaimed databases.</summary>
public abstract class ReclaimingTestBase(PostgresServer server) : IsolationTestBase(server)
{
    protected Task<string?> MarkerAsync(Tenant tenant) =>
        Host.ScalarAsync<string>("postgres",
            $"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{tenant.DatabaseName}'");

    protected Task SetMarkerAsync(Tenant tenant, string? marker) =>
        AsSuperuserAsync("postgres", $"COMMENT ON DATABASE {SqlIdentifier.Quote(
            tenant.DatabaseName!)} IS {(marker is null ? "NULL" : SqlLiteral.Quote(marker))}");

    /// <summary>
    /// Replaces the database by a copy of its content alone, as <c>createdb</c> and <c>pg_restore</c> would do. It
    /// needs no programs and is quick.
    /// </summary>
    protected async Task ReplaceByCopyAsync(Tenant tenant)
    {
        var (name, copy) = (
            SqlIdentifier.Quote(tenant.DatabaseName!), SqlIdentifier.Quote($"copia_{Guid.NewGuid():n}"));
        await using var session = await PostgresServer.OpenAsync(Server.PortalUrl("postgres"), Cancellation);
        string[] statements =
        [
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{tenant.DatabaseName}'",
            $"CREATE DATABASE {copy} TEMPLATE {name}", $"DROP DATABASE {name} WITH (FORCE)",
                $"ALTER DATABASE {copy} RENAME TO {name}",
        ];
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, session);
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }

    protected async Task<Operation> ReclaimAsync(Tenant tenant, string reason = "restaurada de la copia de anoche") =>
        await Host.EndOfAsync(
            await Host.Get<TenantReclaiming>().ReclaimAsync(Host.Admin, tenant.Id, reason, Cancellation));

    protected async Task<TenantView> ViewAsync(Tenant tenant) =>
        (await Host.Get<TenantSearch>().GetAsync(Host.Admin, tenant.Id, Cancellation)).View!;

    protected async Task AssertUnmanagedAsync(Tenant tenant, bool active = true)
    {
        var row = await RowAsync(tenant.Id);
        Assert.Equal((TenantState.Unmanaged, active), (row.State, row.IsActive));
    }

    protected static void AssertFailed(string code, Operation operation) =>
        Assert.True(operation.State == OperationState.Failed && operation.Error?.Code == code,
            $"{operation.Kind} {operation.State}: {operation.Error}");

    protected static void AssertSucceeded(Operation operation) => Assert.True(
        operation.State == OperationState.Succeeded, $"{operation.Kind} {operation.State}: {operation.Error}");
}
