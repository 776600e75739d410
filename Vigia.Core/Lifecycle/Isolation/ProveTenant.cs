using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>Proves the isolation of one tenant. Fails with the details when something got through.</summary>
internal sealed class ProveTenant(ProofSteps proof) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.ProveIsolation.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.ProveIsolation.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
        [new("prove", proof.ProveOneAsync) { KeepsEffects = true }];

    public override bool CanCancel(Operation operation) =>
        operation.State is OperationState.Queued or OperationState.Running;
}
