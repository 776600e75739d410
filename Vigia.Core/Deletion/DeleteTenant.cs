using Microsoft.EntityFrameworkCore;
using Vigia.Core.Approvals;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Core.Deletion;

/// <summary>Hard delete: no more sessions, then the trash; where nothing has to be kept, the drop at once (facts 7.16).</summary>
internal sealed class DeleteTenant(TrashSteps trash, PurgeSteps purge, TimeProvider time) : OperationDefinition
{
    public const string KindName = "delete_tenant";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation)
    {
        Step[] steps =
        [
            new("block", trash.BlockAsync, trash.UnblockAsync),
            new("terminate", trash.TerminateAsync),
            new("trash", trash.MoveToTrashAsync, trash.TakeBackAsync),
        ];
        return DataOf(operation).RetentionDays > 0 ? steps : [.. steps, .. purge.Steps];
    }

    /// <summary>Until the row has left the registry; from then on it is undone from the trash.</summary>
    public override bool CanCancel(Operation operation) => operation.Steps.Count == 0 || operation.Steps.Single(s => s.Name == "trash").State != StepState.Done;

    public override async Task<bool> IsTooLateToCancelAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return !await db.Tenants.AnyAsync(t => t.Id == context.TenantId, cancellationToken);
    }

    /// <summary>A failed delete leaves the client blocked and <c>deleting</c>: a person retries or cancels.</summary>
    public override Task OnFailedAsync(MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task OnCancelledAsync(MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        var data = DataOf(context.Operation);
        if (data.Row.Length == 0)
        {
            // It still waited for a second person: nothing was changed.
            await SecondPerson.WithdrawAsync(db, context.OperationId, time.GetUtcNow(), cancellationToken);
            return;
        }

        var before = RegistryRow.Read(data.Row);
        await db.Tenants.Where(t => t.Id == context.TenantId && t.State == TenantState.Deleting)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.State, before.State).SetProperty(t => t.IsActive, data.WasActive), cancellationToken);
    }

    private static DeletionData DataOf(Operation operation) => System.Text.Json.JsonSerializer.Deserialize<DeletionData>(operation.Data)!;
}

/// <summary>Drops what lies in the trash and proves it in the audit trail.</summary>
internal sealed class PurgeTenant(PurgeSteps purge) : OperationDefinition
{
    public const string KindName = "purge_tenant";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => purge.Steps;
}

/// <summary>Takes a client back out of the trash, exactly as it was.</summary>
internal sealed class RestoreTenant(RestoreSteps restore) : OperationDefinition
{
    public const string KindName = "restore_tenant";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("rename", restore.RenameAsync, restore.RenameToTrashAsync),
        new("open", restore.OpenAsync, restore.BlockAsync),
        new("migrate", restore.MigrateAsync) { Keeps = true },
        new("verify", restore.VerifyAsync),
        new("prove", restore.ProveAsync),
        new("return", restore.ReturnAsync),
    ];

    public override bool CanCancel(Operation operation) => operation.State != OperationState.Running || operation.Steps.Count == 0;

    public override async Task<bool> IsTooLateToCancelAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return !await db.Trash.AnyAsync(t => t.Id == context.TenantId, cancellationToken);
    }

    public override Task OnFailedAsync(MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken) =>
        SetStateAsync(db, context.TenantId, TenantState.Failed, cancellationToken);

    public override Task OnRetryAsync(MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        SetStateAsync(db, operation.TenantId!.Value, TenantState.Provisioning, cancellationToken);

    /// <summary>The names are given up again; the client is in the trash as before.</summary>
    public override Task OnCancelledAsync(MasterContext db, OperationContext context, CancellationToken cancellationToken) =>
        db.Tenants.Where(t => t.Id == context.TenantId && t.State != TenantState.Ready).ExecuteDeleteAsync(cancellationToken);

    private static Task<int> SetStateAsync(MasterContext db, int tenantId, TenantState state, CancellationToken cancellationToken) =>
        db.Tenants.Where(t => t.Id == tenantId && t.State != TenantState.Ready).ExecuteUpdateAsync(s => s.SetProperty(t => t.State, state), cancellationToken);
}
