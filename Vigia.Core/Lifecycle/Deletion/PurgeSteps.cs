using Microsoft.EntityFrameworkCore;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// The irreversible steps: drop the database, drop its roles, and write the certificate to the audit trail. Each step
/// first decides again whether it may drop (<see cref="DropDecision"/>) and drops only what that decision covers.
/// </summary>
internal sealed class PurgeSteps(
    Holders holders, DatabaseRemoval databases, RoleRemoval roles, ServerConnections servers, TimeProvider time)
{
    public IReadOnlyList<Step> Steps =>
    [
        new("drop_database", DropDatabaseAsync),
        new("drop_roles", DropRolesAsync),
        new("certificate", CertifyAsync),
    ];

    private async Task DropDatabaseAsync(OperationContext context, CancellationToken cancellationToken)
    {
        // Checked first: an operation that may no longer drop anything must not wait for a person.
        if (!await DropDecision.MayDropAsync(context, time, cancellationToken))
        {
            return;
        }

        await holders.DemandNoneAsync(context, cancellationToken);
        if (await DropDecision.BeginAsync(context, time, cancellationToken) is null)
        {
            return;
        }

        await using var db = await context.OpenMasterAsync(cancellationToken);
        var database = await db.Set<ManagedDatabase>().AsNoTracking()
            .SingleOrDefaultAsync(
                d => d.TenantId == context.TenantId && d.Kind == DatabaseKind.Trash, cancellationToken);
        if (database is not null)
        {
            await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
            await databases.DropAsync(session, database, cancellationToken);
            if (await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is { } left)
            {
                // A database with this name but without our marker must not be dropped, and nobody may certify that the
                // data is gone.
                throw new DatabaseConflictException("database_not_ours", left.Name, left.Marker ?? "-");
            }
        }
    }

    private async Task DropRolesAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (await DropDecision.BeginAsync(context, time, cancellationToken) is not null)
        {
            await roles.DropAllAsync(context, cancellationToken);
        }
    }

    private async Task CertifyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (DropDecision.Demand(locked, context.Operation, time.GetUtcNow()) is not { } trashed)
        {
            return;
        }

        await db.Set<ManagedDatabase>().Where(d => d.TenantId == context.TenantId && d.Kind == DatabaseKind.Trash)
            .ExecuteDeleteAsync(cancellationToken);
        await db.Set<TenantInvitation>().Where(i => i.TenantId == context.TenantId)
            .ExecuteDeleteAsync(cancellationToken);
        db.Set<TrashedTenant>().Remove(trashed);
        await context.CommitAsync(db, [new AuditEntry("tenant.purged")
        {
            TenantId = trashed.Id,
            Ruc = trashed.Ruc,
            Subdomain = trashed.Subdomain,
            OperationId = context.OperationId,
            Reason = trashed.Reason,
            Before = new Dictionary<string, object?>
            {
                ["razon_social"] = trashed.LegalName,
                ["db_name"] = trashed.DatabaseName,
                ["database_id"] = trashed.DatabaseId,
                ["size_bytes"] = trashed.SizeBytes,
                ["deleted_at"] = trashed.DeletedAt,
                ["deleted_by"] = trashed.DeletedByName,
            },
        }], cancellationToken);
    }
}
