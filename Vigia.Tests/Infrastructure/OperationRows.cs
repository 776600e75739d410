namespace Vigia.Tests.Infrastructure;

/// <summary>Adds many operations at once, without notifying anybody.</summary>
public static class OperationRows
{
    /// <summary>
    /// Adds operations of the kind <c>prune_history</c>, one per second, the newest being of now, and reads statistics.
    /// </summary>
    /// <param name="host">The host whose master gets them.</param>
    /// <param name="count">How many.</param>
    /// <param name="state">An SQL expression of the number <c>i</c>, from 1: the state.</param>
    /// <param name="tenant">An SQL expression of <c>i</c>: the tenant.</param>
    /// <param name="kind">An SQL expression of <c>i</c>: the kind.</param>
    public static async Task AddAsync(
        CoreHost host, int count, string state, string tenant, string kind = "'prune_history'")
    {
        await PostgresServer.ExecuteAsync(
            host.Server.SuperuserUrl(host.Master.Database),
            $"""
            SET session_replication_role = replica;
            INSERT INTO portal.operations (
                id, kind, state, tenant_id, server_id, requested_by, requested_by_name, data, priority, attempt,
                crashes, epoch, created_at, finished_at, progress)
            SELECT gen_random_uuid(), {kind}, {state}, {tenant}, 1, '00000000-0000-0000-0000-000000000001', 'Ana',
                   '{"{}"}', 10, 0, 0, 0, now() - i * interval '1 second',
                   CASE WHEN {state} IN ('succeeded', 'failed', 'cancelled') THEN now() - i * interval '1 second' END, 0
            FROM generate_series(1, {count}) AS i;
            """, TestContext.Current.CancellationToken);
        await PostgresServer.ExecuteAsync(
            host.Server.SuperuserUrl(host.Master.Database), "VACUUM ANALYZE portal.operations",
            TestContext.Current.CancellationToken);
    }
}
