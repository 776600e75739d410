using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>Restores a tenant from the trash, exactly as it was.</summary>
internal sealed class RestoreTenant(RestoreSteps restore, RestoreChecks checks, RestoreReturn registry)
    : OperationDefinition
{
    public static readonly OperationKind KindName = TrashAction.Restore.OperationKind;

    public override OperationKind Kind => KindName;

    public override string Right => TrashAction.Restore.Right;

    public override bool MakesTenantReady => true;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("rename", restore.RenameAsync, restore.RenameToTrashAsync),
        new("open", restore.OpenAsync, restore.BlockAsync),
        new("migrate", checks.MigrateAsync) { KeepsEffects = true },
        new("verify", checks.VerifyAsync),
        new("prove", checks.ProveAsync),
        new("return", registry.ReturnAsync),
    ];

    public override bool CanCancel(Operation operation) =>
        operation.State != OperationState.Running || operation.Steps.Count == 0;

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return !await db.Set<TrashedTenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.RestoreOperationId == context.OperationId, cancellationToken);
    }

    /// <summary>
    /// Only while the tenant belongs to this restore: it may have been returned and deleted again since.
    /// </summary>
    public override async Task OnFailedAsync(
        MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (locked.Registered is { } tenant && tenant.State != TenantState.Ready
            && locked.Trashed?.RestoreOperationId == context.OperationId)
        {
            tenant.MarkFailed();
        }
    }

    /// <summary>
    /// A restore that was committed, and of which only the step record failed, may be retried; it finds nothing left to
    /// do.
    /// </summary>
    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (!DeletionDecision.IsRestored(locked))
        {
            DeletionDecision.DemandRestoring(locked, operation);
            locked.Registered!.BeginProvisioning();
        }
    }

    public override async Task OnCancelRequestAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (!DeletionDecision.IsRestored(locked))
        {
            DeletionDecision.DemandRestoring(locked, operation);
        }
    }

    /// <summary>
    /// Releases the names; the tenant stays in the trash, with the edits made since the request.
    /// </summary>
    public override async Task OnCancelledAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        await SavedRow.UpdateTrashAsync(db, context.TenantId, context.OperationId, cancellationToken);
        var ended = await Restoring(db, context.Operation)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.RestoreOperationId, (Guid?)null), cancellationToken);
        if (ended == 1)
        {
            await db.Set<Tenant>().Where(t => t.Id == context.TenantId && t.State != TenantState.Ready)
                .ExecuteDeleteAsync(cancellationToken);
        }
    }

    private static IQueryable<TrashedTenant> Restoring(MasterContext db, Operation operation) =>
        db.Set<TrashedTenant>().Where(t => t.Id == operation.TenantId && t.RestoreOperationId == operation.Id);
}
