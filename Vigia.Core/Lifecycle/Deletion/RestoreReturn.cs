using Microsoft.EntityFrameworkCore;
using Vigia.Core.Lifecycle.Limits;
using Vigia.Core.Lifecycle.OutsideRoles;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>The step that returns a restored tenant from the trash to the registry.</summary>
internal sealed class RestoreReturn(RestoredDatabase restored, OutsideAccess access, TimeProvider time)
{
    public async Task ReturnAsync(OperationContext context, CancellationToken cancellationToken)
    {
        while (!await TryReturnAsync(context, cancellationToken))
        {
            // The settings of outside roles were changed while the database was being opened to them.
        }
    }

    private async Task<bool> TryReturnAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var revision = await OpenAgainAsync(context, cancellationToken);
        var currentAddress = await UpdateAddressAsync(context, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (DeletionDecision.IsRestored(locked))
        {
            // An earlier attempt committed, and only its step record was lost.
            return true;
        }

        DeletionDecision.DemandRestoring(locked, context.Operation);
        if (revision is not null && await OutsideAccess.HasChangedAsync(db, revision, cancellationToken))
        {
            return false;
        }

        var (tenant, trashed) = (locked.Registered!, locked.Trashed!);
        var before = RestoredDatabase.Before(context);
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
            After = new Dictionary<string, object?>
            {
                ["subdominio"] = tenant.Subdomain, ["db_name"] = tenant.DatabaseName, ["is_active"] = tenant.IsActive,
            },
        }], cancellationToken);
        return true;
    }

    // Null when there is no database to open, or when the tenant is no longer in the trash.
    private async Task<string?> OpenAgainAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using (var db = await context.OpenMasterAsync(cancellationToken))
        {
            if (!await db.Set<TrashedTenant>().AnyAsync(t => t.Id == context.TenantId, cancellationToken))
            {
                return null;
            }
        }

        if ((await access.ReadAsync(cancellationToken)) is { Rows.Count: 0 } none)
        {
            return none.Revision;
        }

        string? revision = null;
        await restored.OnDatabaseAsync(context, async (session, marker, found, _) => revision = await access.OpenAsync(
            context, session, DatabaseMarker.DatabaseIdOf(marker), found, false, cancellationToken),
            cancellationToken);
        return revision;
    }

    // Runs last, because the address may have been edited between two attempts of the restore. Returns the address that
    // the account has now.
    private async Task<string?> UpdateAddressAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        if (RestoredDatabase.Before(context).State != TenantState.Ready
            || !await db.Set<TrashedTenant>().AnyAsync(t => t.Id == context.TenantId, cancellationToken))
        {
            return null;
        }

        string? address = null;
        await restored.OnDatabaseAsync(context, async (_, _, found, tenant) =>
        {
            await using var inside = await context.OpenTenantDatabaseAsync(found, cancellationToken);
            await MoveFirstAdmin.UpdateBeforeReadyAsync(db, inside, tenant, cancellationToken);
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
}
