using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// The database of a tenant that is being restored, under the name that it has at the moment: in the trash or out of
/// it.
/// </summary>
internal sealed class RestoredDatabase(TenantDatabases databases, ServerConnections servers)
{
    /// <summary>The state of the tenant before it was deleted.</summary>
    public static (TenantState State, bool IsActive) Before(OperationContext context)
    {
        var data = context.Data<RestoreData>();
        return (data.State, data.IsActive);
    }

    /// <summary>Acts on the database if there is one of ours. Otherwise the step reports why not.</summary>
    public async Task UndoAsync(OperationContext context, Func<NpgsqlConnection, string, string, Tenant, Task> action,
        CancellationToken cancellationToken)
    {
        try
        {
            await OnDatabaseAsync(context, action, cancellationToken);
        }
        catch (RuleException e) when (
            e.Reason.Code is "database_missing" or "database_not_ours" or "database_half_dropped")
        {
            await context.ReportAsync(e.Reason, cancellationToken);
        }
    }

    /// <summary>
    /// Acts on the database. The action gets a session on its server, its marker, its present name, and the tenant.
    /// Does nothing when the tenant has none.
    /// </summary>
    /// <exception cref="RuleException"><c>database_missing</c>, <c>database_half_dropped</c>.</exception>
    public async Task OnDatabaseAsync(
        OperationContext context, Func<NpgsqlConnection, string, string, Tenant, Task> action,
        CancellationToken cancellationToken)
    {
        var tenant = await DemandRestoringAsync(context, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await OwnDatabases.Of(db, tenant.Id).AsNoTracking().SingleOrDefaultAsync(cancellationToken)
            is not { } database)
        {
            return;
        }

        var marker = databases.MarkerOf(database);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        var found = await databases.FindAsync(session, tenant.Id, context.OperationId, cancellationToken);
        if (found.ConnectionLimit == DatabaseDdl.UnfinishedDrop)
        {
            throw new RuleException("database_half_dropped", found.Name);
        }

        await action(session, marker, found.Name, tenant);
    }

    // In its own transaction, which ends before another database is contacted. No lock in the master is held then.
    private static async Task<Tenant> DemandRestoringAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        DeletionDecision.DemandRestoring(locked, context.Operation);
        return locked.Registered!;
    }
}
