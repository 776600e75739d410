using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// The steps that take a tenant out of the trash. The request has already reserved the names; the steps rename the
/// database back and prove that it works.
/// </summary>
internal sealed class RestoreSteps(
    TenantContentSteps content, SchemaUpgradeSteps schema, ProofSteps proof, DatabaseClosing closing,
    TenantDatabases databases,
    MasterIdentity identity,
    ServerConnections servers, TimeProvider time)
{
    public Task RenameAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (session, marker, found, tenant) =>
        {
            if (found == tenant.DatabaseName)
            {
                return;
            }

            if (await DatabaseDdl.DescribeAsync(session, tenant.DatabaseName!, cancellationToken) is not null)
            {
                throw new RuleException("database_exists_not_ours", tenant.DatabaseName!);
            }

            await closing.RenameAsync(session, marker, found, tenant.DatabaseName!, cancellationToken);
        }, cancellationToken);

    public Task RenameToTrashAsync(OperationContext context, CancellationToken cancellationToken) =>
        UndoAsync(context, async (session, marker, found, _) =>
        {
            var target = DatabaseMarker.TrashNameOf(marker);
            if (found != target)
            {
                await DatabaseDdl.BlockAsync(session, marker, found, cancellationToken);
                await closing.RenameAsync(session, marker, found, target, cancellationToken);
            }
        }, cancellationToken);

    public Task OpenAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (session, marker, found, _) =>
        {
            // The portal may have been stopped while it had the database open only for itself (RoleRemoval). The
            // tenant's roles have not been able to connect since then.
            await ConnectRights.RestoreAsync(context, session, identity.MasterId, marker, found, cancellationToken);
            await DatabaseDdl.AllowAsync(session, marker, found, cancellationToken);
        }, cancellationToken);

    public Task BlockAsync(OperationContext context, CancellationToken cancellationToken) =>
        UndoAsync(context, (session, marker, found, _) =>
            DatabaseDdl.BlockAsync(session, marker, found, cancellationToken), cancellationToken);

    /// <summary>The portal may have been upgraded while the tenant was in the trash.</summary>
    public Task MigrateAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (Data(context).State == TenantState.Ready)
            {
                await schema.UpgradeAsync(context, found, cancellationToken);
            }
        }, cancellationToken);

    public Task VerifyAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (Data(context).State == TenantState.Ready)
            {
                await content.VerifyAsTenantAsync(context.TenantId, found, cancellationToken);
            }
        }, cancellationToken);

    /// <summary>
    /// Proves the isolation as after provisioning, because somebody may have opened the database while it was in the
    /// trash.
    /// </summary>
    public Task ProveAsync(OperationContext context, CancellationToken cancellationToken) =>
        OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (Data(context).State == TenantState.Ready)
            {
                await proof.ProveAsync(context, found, ProofCause.Restore, cancellationToken);
            }
        }, cancellationToken);

    public async Task ReturnAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var currentAddress = await UpdateAddressAsync(context, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (DeletionRight.IsRestored(locked))
        {
            // An earlier attempt committed, and only its step record was lost.
            return;
        }

        DeletionRight.DemandRestoring(locked, context.Operation);
        var (tenant, trashed) = (locked.Registered!, locked.Trashed!);
        var before = Data(context);
        tenant.ReturnFromTrash(before.State, before.IsActive, time.GetUtcNow());
        if (await OwnDatabases.Of(db, tenant.Id).SingleOrDefaultAsync(cancellationToken) is { } database)
        {
            database.Name = tenant.DatabaseName!;
            database.Kind = DatabaseKind.Tenant;
        }

        db.Set<TrashedTenant>().Remove(trashed);
        if (tenant.State == TenantState.Ready)
        {
            await QueueUpdatesAsync(db, context, tenant, currentAddress, cancellationToken);
        }

        await context.CommitAsync(db, [new AuditEntry("tenant.restored")
        {
            TenantId = tenant.Id,
            Ruc = tenant.Ruc,
            Subdomain = tenant.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string,
            object?> { ["subdominio"] = tenant.Subdomain, ["db_name"] = tenant.DatabaseName,
            ["is_active"] = tenant.IsActive },
        }], cancellationToken);
    }

    // Runs last, because the address may have been edited between two attempts of the restore. Returns the address that
    // the account has now.
    private async Task<string?> UpdateAddressAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (Data(context).State != TenantState.Ready
            || !await db.Set<TrashedTenant>().AnyAsync(t => t.Id == context.TenantId, cancellationToken))
        {
            return null;
        }

        string? address = null;
        await OnDatabaseAsync(context, async (_, _, found, tenant) =>
        {
            await using var inside = await context.OpenTenantDatabaseAsync(found, cancellationToken);
            await MoveFirstAdmin.CatchUpAsync(db, inside, tenant, cancellationToken);
            address = tenant.AccessEmail;
        }, cancellationToken);
        return address;
    }

    // Edits made during the restore are only in the registry: the tenant was not ready, so they queued no operation.
    private static async Task QueueUpdatesAsync(
        MasterContext db, OperationContext context, Tenant tenant, string? currentAddress,
        CancellationToken cancellationToken)
    {
        OperationKind?[] kinds =
        [
            tenant.LimitsAppliedRevision < tenant.LimitsRevision ? ApplyLimitsOperation.KindName : null,
            tenant.AccessEmail == currentAddress ? null : MoveFirstAdmin.KindName,
        ];
        foreach (var kind in kinds.OfType<OperationKind>())
        {
            if (!await db.Set<Operation>().AnyAsync(
                    o => o.TenantId == tenant.Id && o.Kind == kind
                        && (o.State == OperationState.Queued || o.State == OperationState.Waiting), cancellationToken))
            {
                context.Begin(db, kind, tenant);
            }
        }
    }

    private static (TenantState State, bool IsActive) Data(OperationContext context)
    {
        var data = context.Data<RestoreData>();
        return (Enum.Parse<TenantState>(data.State, ignoreCase: true), data.IsActive);
    }

    // If there is no database of ours, or one that can only be dropped, nothing can be returned to the trash.
    private async Task UndoAsync(OperationContext context, Func<NpgsqlConnection, string, string, Tenant, Task> action,
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

    private async Task OnDatabaseAsync(
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
        DeletionRight.DemandRestoring(locked, context.Operation);
        return locked.Registered!;
    }
}
