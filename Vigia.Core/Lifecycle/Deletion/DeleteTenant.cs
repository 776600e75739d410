using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Moves a tenant to the trash: checks what could hold its database or roles, blocks it, ends its sessions, moves it
/// to the trash. Tenants without a retention duty are dropped at once.
/// </summary>
internal sealed class DeleteTenant(TrashSteps trash, PurgeSteps purge, TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.Delete.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.Delete.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation)
    {
        Step[] steps =
        [
            new("look", trash.InspectAsync),
            new("block", trash.BlockAsync, trash.UnblockAsync),
            new("terminate", trash.TerminateAsync),
            new("trash", trash.MoveToTrashAsync, trash.UndoRenameAsync),
        ];
        return DataOf(operation).RetentionDays > 0 ? steps : [.. steps, .. purge.Steps];
    }

    /// <summary>Possible until the row has left the registry; after that, a restore undoes the deletion.</summary>
    // TenantDeletion.DropsAtOnce.
    public override bool IsNamedByData => true;

    public override bool CanCancel(Operation operation) =>
        operation.Steps.Count == 0 || operation.Steps.Single(s => s.Name == "trash").State != StepState.Done;

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return !await db.Set<Tenant>().AnyAsync(t => t.Id == context.TenantId, cancellationToken);
    }

    /// <summary>A failed deletion leaves the tenant blocked and <c>deleting</c>: a person retries or cancels.</summary>
    public override Task OnFailedAsync(
        MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (locked is { Registered: null, Trashed: null } && DataOf(operation).RetentionDays == 0)
        {
            // Everything was dropped, and only the record of the step failed.
            return;
        }

        // The tenant was returned because its database lost the marker. Only a new request can delete it.
        if (locked.Registered is { State: TenantState.Unmanaged })
        {
            throw new RuleException("not_retryable");
        }

        await DeletionDecision.DemandDeletingAsync(db, locked, operation, cancellationToken);
    }

    /// <summary>
    /// A deletion that waits for a second person has changed nothing, so it can be cancelled in any state of the
    /// tenant.
    /// </summary>
    public override async Task OnCancelRequestAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        if (!DataOf(operation).WaitsForApproval)
        {
            var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
            await DeletionDecision.DemandDeletingAsync(db, locked, operation, cancellationToken);
        }
    }

    public override async Task OnCancelledAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        var data = DataOf(context.Operation);
        if (data.WaitsForApproval)
        {
            // The deletion was still waiting for a second person, so there is nothing to undo.
            await SecondPersonRule.WithdrawAsync(db, context.OperationId, time.GetUtcNow(), cancellationToken);
            return;
        }

        var before = SavedRow.Read(data.Row);
        var tenant = await TenantRow.FindAndLockAsync(db, context.TenantId, cancellationToken);
        if (tenant is { State: TenantState.Deleting })
        {
            tenant.CancelDeletion(before.State, data.WasActive, time.GetUtcNow());
        }
    }

    private static DeletionData DataOf(Operation operation) =>
        System.Text.Json.JsonSerializer.Deserialize<DeletionData>(operation.Data)!;
}
