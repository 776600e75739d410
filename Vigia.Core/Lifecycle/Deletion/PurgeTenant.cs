using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>Purges a tenant from the trash: drops its database and roles and writes the certificate.</summary>
internal sealed class PurgeTenant(PurgeSteps purge, TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = TrashAction.Purge.OperationKind;

    public override OperationKind Kind => KindName;

    public override string Right => TrashAction.Purge.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => purge.Steps;

    /// <summary>Until the drop begins nothing is lost, and a restore may replace the purge.</summary>
    public override bool CanCancel(Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Waiting or OperationState.Failed;

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<TrashedTenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.DropBegunAt != null, cancellationToken);
    }

    /// <summary>
    /// Refuses to cancel once the drop has begun, also if everything was dropped and only the record of it failed.
    /// </summary>
    public override async Task OnCancelRequestAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (locked is { Trashed.DropBegunAt: not null } or { Registered: null, Trashed: null })
        {
            throw new RuleException("drop_begun");
        }
    }

    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken) =>
        DropDecision.Demand(await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken), operation,
            time.GetUtcNow());
}
