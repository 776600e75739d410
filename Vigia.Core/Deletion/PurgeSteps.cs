using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Databases;
using Vigia.Core.Operations;
using Vigia.Core.Provisioning;

namespace Vigia.Core.Deletion;

/// <summary>Past the point of no return: the database, its roles, and the certificate in the audit trail that they are gone.</summary>
internal sealed class PurgeSteps(DatabaseSteps databases, IsolationSteps isolation, ServerConnections servers)
{
    public IReadOnlyList<Step> Steps =>
    [
        new("drop_database", DropDatabaseAsync),
        new("drop_roles", isolation.DropRolesAsync),
        new("certificate", CertifyAsync),
    ];

    private async Task DropDatabaseAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);

        // Only what is in the trash is dropped: a client taken out of it meanwhile keeps its database.
        var database = await db.Databases.AsNoTracking()
            .SingleOrDefaultAsync(d => d.TenantId == context.TenantId && d.Kind == DatabaseKind.Trash, cancellationToken);
        if (database is not null)
        {
            await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
            await databases.DropAsync(session, database, cancellationToken);
        }
    }

    private static async Task CertifyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Trash.SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken) is not { } trashed)
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Databases.Where(d => d.TenantId == context.TenantId && d.Kind == DatabaseKind.Trash).ExecuteDeleteAsync(cancellationToken);
        await db.Invitations.Where(i => i.TenantId == context.TenantId).ExecuteDeleteAsync(cancellationToken);
        db.Trash.Remove(trashed);
        await context.CommitAsync(db, [new AuditEntry("tenant.purged")
        {
            TenantId = trashed.Id,
            Ruc = trashed.Ruc,
            Subdomain = trashed.Subdomain,
            OperationId = context.OperationId,
            Reason = trashed.Reason,
            Before = new Dictionary<string, object?>
            {
                ["razon_social"] = trashed.LegalName, ["db_name"] = trashed.DatabaseName, ["database_id"] = trashed.DatabaseId, ["size_bytes"] = trashed.SizeBytes,
                ["deleted_at"] = trashed.DeletedAt, ["deleted_by"] = trashed.DeletedByName,
            },
        }], cancellationToken);
    }
}
