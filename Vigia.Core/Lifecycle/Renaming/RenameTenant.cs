using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Renaming;

/// <summary>The data of a rename.</summary>
/// <param name="From">The sub-domain when the rename was requested.</param>
/// <param name="To">The wanted sub-domain.</param>
/// <param name="Reason">The person's reason.</param>
internal sealed record RenameData(string From, string To, string Reason);

/// <summary>
/// Gives a tenant another sub-domain. The former one is an alias from then on, and can be given back in the same way.
/// See docs/rules.md#identity-mistakes.
/// </summary>
internal sealed class RenameTenant(RenameSteps steps) : OperationDefinition
{
    public static readonly OperationKind KindName = new("rename_tenant");

    private const string Switch = "switch_name";

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.Rename.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new(Switch, steps.SwitchAsync),
        new("move_invitations", steps.MoveInvitationsAsync),
    ];

    /// <summary>
    /// Possible until the tenant has its new name. Afterwards another rename gives the former name back.
    /// </summary>
    public override bool CanCancel(Operation operation) =>
        operation.Steps.Count == 0 || operation.Steps.Single(s => s.Name == Switch).State != StepState.Done;

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await RenameDecision.IsDoneAsync(db, context.OperationId, cancellationToken);
    }

    /// <summary>
    /// If only saving the step failed, a retry finishes the rename. Any other rename is decided again, because the
    /// tenant may have been renamed, deleted or restored since.
    /// </summary>
    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (!await RenameDecision.IsDoneAsync(db, operation.Id, cancellationToken))
        {
            RenameDecision.Demand(locked, RenameDecision.DataOf(operation));
        }
    }
}
