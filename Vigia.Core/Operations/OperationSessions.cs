using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Operations;

/// <summary>
/// Opens the fenced sessions of operations. Those in a tenant's database are given out only after its marker was
/// checked on them.
/// </summary>
public sealed class OperationSessions(
    OperationFence fence, TenantDatabases databases, DatabaseObserver observer)
{
    /// <inheritdoc cref="OperationContext.OpenDatabaseAsync"/>
    public Task<NpgsqlConnection> OpenAsync(
        Claim claim, int serverId, string database, CancellationToken cancellationToken) =>
        database == fence.MaintenanceDatabase
            || database.StartsWith(DatabaseDdl.UnclaimedPrefix, StringComparison.Ordinal)
            ? fence.OpenAsync(claim, serverId, database, cancellationToken)
            : throw new ArgumentException(
                $"{database} may be a tenant's database; its marker has to be checked.", nameof(database));

    /// <inheritdoc cref="OperationContext.OpenTenantDatabaseAsync(CancellationToken)"/>
    public async Task<NpgsqlConnection> OpenTenantAsync(
        Claim claim, Operation operation, CancellationToken cancellationToken)
    {
        var database = await databases.GetAsync(TenantOf(operation), cancellationToken);
        return await OpenTenantAsync(claim, operation, database.Name, cancellationToken);
    }

    /// <inheritdoc cref="OperationContext.OpenTenantDatabaseAsync(string, CancellationToken)"/>
    public async Task<NpgsqlConnection> OpenTenantAsync(
        Claim claim, Operation operation, string name, CancellationToken cancellationToken)
    {
        var session = await OpenUncheckedAsync(claim, operation.ServerId, name, cancellationToken);
        try
        {
            await databases.DemandInsideAsync(session, TenantOf(operation), operation.Id, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="OperationContext.OpenUncheckedAsync"/>
    internal async Task<NpgsqlConnection> OpenUncheckedAsync(
        Claim claim, int serverId, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await fence.OpenAsync(claim, serverId, name, cancellationToken);
        }
        catch (DatabaseUnreachableException)
        {
            // The database was dropped or closed behind the portal's back. Everybody sees it at once.
            await observer.LookAsync(serverId, [name], cancellationToken);
            throw;
        }
    }

    private static int TenantOf(Operation operation) =>
        operation.TenantId ?? throw new InvalidOperationException($"Operation {operation.Id} has no tenant.");
}
