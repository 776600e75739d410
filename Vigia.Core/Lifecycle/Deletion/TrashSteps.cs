using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// The steps that move a tenant to the trash: refuse connections, end sessions, rename the database, move the registry
/// row.
/// </summary>
// More than five dependencies: four steps of one way into the trash. They share what holds the database and where it
// is.
internal sealed class TrashSteps(
    Holders holders, DatabaseClosing closing, OutsideAccess access, TenantDatabases databases, MasterIdentity identity,
    ServerConnections servers, TimeProvider time)
{
    /// <summary>
    /// Checks what could hold the tenant, before anything is closing. A tenant whose database lost the portal's marker
    /// is returned to the registry as unmanaged, until somebody reclaims its database.
    /// </summary>
    public async Task InspectAsync(OperationContext context, CancellationToken cancellationToken)
    {
        try
        {
            await holders.DemandNoneAsync(context, cancellationToken);
        }
        catch (DatabaseConflictException e) when (e.Reason.Code == "database_not_ours")
        {
            await databases.RecordLossAsync(
                context.TenantId, context.OperationId, context.Data<DeletionData>().WasActive, cancellationToken);
            throw;
        }
    }

    public Task BlockAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, (session, marker, name, _) => HolderCheck.RunAsync(
            session, name, () => DatabaseDdl.BlockAsync(session, marker, name, cancellationToken), cancellationToken),
                cancellationToken);

    public Task UnblockAsync(OperationContext context, CancellationToken cancellationToken) =>
        UndoAsync(context, async (session, marker, name, _) =>
        {
            // A statement that a person ran to remove a holder (DROP OWNED) also revokes the right to connect.
            await ConnectGrants.RestoreAsync(context, session, identity.MasterId, marker, name, cancellationToken);
            await DatabaseDdl.AllowAsync(session, marker, name, cancellationToken);
            await access.OpenAsync(
                context, session, DatabaseMarker.DatabaseIdOf(marker), name, false, cancellationToken);
        }, cancellationToken);

    public Task TerminateAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, (session, marker, name, _) => name == DatabaseMarker.TrashNameOf(marker)
            ? Task.CompletedTask
            : closing.CloseOrReopenAsync(session, marker, name, newName: null, cancellationToken), cancellationToken);

    public async Task MoveToTrashAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await db.Set<TrashedTenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.DeleteOperationId == context.OperationId, cancellationToken))
        {
            return;
        }

        long? size = null;
        await OnDatabaseAsync(context, async (session, marker, name, _) =>
        {
            var target = DatabaseMarker.TrashNameOf(marker);
            await access.CloseAsync(session, name, marker, cancellationToken);
            if (name != target)
            {
                // Closed and emptied again, because an earlier attempt of this step may have found a holder and opened
                // it.
                await closing.CloseOrReopenAsync(session, marker, name, target, cancellationToken);
            }

            size = await DatabaseDdl.SizeAsync(session, target, cancellationToken);
        }, cancellationToken);
        await MoveRowAsync(context, db, size, cancellationToken);
    }

    /// <summary>
    /// Undoes a rename whose registry change was not committed: the registry still has the old name.
    /// </summary>
    public Task UndoRenameAsync(OperationContext context, CancellationToken cancellationToken) =>
        UndoAsync(context, async (session, marker, name, recorded) =>
        {
            if (name != recorded)
            {
                await closing.RenameAsync(session, marker, name, recorded, cancellationToken);
            }
        }, cancellationToken);

    private async Task MoveRowAsync(
        OperationContext context, MasterContext db, long? size, CancellationToken cancellationToken)
    {
        var data = context.Data<DeletionData>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        await DeletionDecision.DemandDeletingAsync(db, locked, context.Operation, cancellationToken);
        if (locked.Registered is not { } tenant)
        {
            return;
        }

        var database = await OwnDatabases.Of(db, context.TenantId).SingleOrDefaultAsync(cancellationToken);
        var now = time.GetUtcNow();
        db.Set<TrashedTenant>().Add(new TrashedTenant
        {
            Id = tenant.Id,
            Ruc = tenant.Ruc ?? "",
            LegalName = tenant.LegalName ?? "",
            Subdomain = tenant.Subdomain ?? "",
            Plan = tenant.Plan,
            Environment = tenant.Environment,
            WasActive = data.WasActive,
            Row = await SavedRow.SaveAsync(db, tenant.Id, data.Row, cancellationToken),
            ServerId = database?.ServerId ?? context.Operation.ServerId,
            DatabaseId = database?.Id,
            DatabaseName = tenant.DatabaseName,
            EverInProduction = database?.EverInProduction
                ?? !ProductionDuty.WasNeverReady(SavedRow.Read(data.Row).State, tenant.SchemaVersion),
            SizeBytes = size,
            DeletedBy = context.Operation.RequestedBy,
            DeletedByName = context.Operation.RequestedByName,
            Reason = data.Reason,
            DeletedAt = now,
            PurgeAfter = now.AddDays(data.RetentionDays),
            DeleteOperationId = context.OperationId,
        });
        if (database is not null)
        {
            database.Name = DatabaseMarker.TrashNameOf(databases.MarkerOf(database));
            database.Kind = DatabaseKind.Trash;
        }

        db.Set<Tenant>().Remove(tenant);
        await context.CommitAsync(db, [new AuditEntry("tenant.trashed")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            Reason = data.Reason,
            After = new Dictionary<string, object?>
            { ["purge_after"] = now.AddDays(data.RetentionDays), ["size_bytes"] = size },
        }], cancellationToken);
    }

    // These steps only change a database of ours. Without one there is nothing to undo, and the operation must not wait
    // for it.
    private async Task UndoAsync(OperationContext context, Func<NpgsqlConnection, string, string, string, Task> action,
        CancellationToken cancellationToken)
    {
        try
        {
            await OnDatabaseAsync(context, action, cancellationToken);
        }
        catch (DatabaseConflictException e) when (e.Reason.Code is "database_not_ours" or "database_half_dropped")
        {
            await context.ReportAsync(e.Reason, cancellationToken);
        }
    }

    // The action gets the marker, the name found and the name recorded. A tenant that never had a database has nothing
    // to block, end or rename.
    private async Task OnDatabaseAsync(
        OperationContext context, Func<NpgsqlConnection, string, string, string, Task> action,
        CancellationToken cancellationToken)
    {
        await DeletionDecision.DemandDeletingAsync(context, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (await OwnDatabases.Of(db, context.TenantId).AsNoTracking().SingleOrDefaultAsync(cancellationToken)
            is not { } database)
        {
            return;
        }

        var marker = DatabaseMarker.ForDatabase(identity.MasterId, database.Id);
        await using var session = await context.OpenDatabaseAsync(servers.MaintenanceDatabase, cancellationToken);
        if (await DatabaseDdl.FindByMarkerAsync(session, marker, cancellationToken) is { } found)
        {
            await action(session, marker, found.Name, database.Name);
        }
        else if (await DatabaseDdl.DescribeAsync(session, database.Name, cancellationToken) is { } other)
        {
            // A database with the tenant's name but without our marker: the tenant is returned to the registry as
            // unmanaged, until somebody reclaims its database.
            await databases.RecordLossAsync(
                context.TenantId, context.OperationId, context.Data<DeletionData>().WasActive, cancellationToken);
            throw new DatabaseConflictException("database_not_ours", other.Name, other.Marker ?? "-");
        }
        else if (database.SchemaVersion is not null)
        {
            // The database existed, and somebody dropped it outside the portal. The rest is deleted anyway, and the
            // operation reports it.
            await context.ReportAsync(new Message("database_was_missing", database.Name), cancellationToken);
        }
    }
}
