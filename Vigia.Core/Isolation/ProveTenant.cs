using Vigia.Core.Operations;

namespace Vigia.Core.Isolation;

/// <summary>Proves the isolation of one client; fails, naming it, when something got through.</summary>
internal sealed class ProveTenant(ProofSteps proof) : OperationDefinition
{
    public const string KindName = "prove_isolation";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("prove", proof.ProveOneAsync) { Keeps = true }];

    public override bool CanCancel(Operation operation) => operation.State is OperationState.Queued or OperationState.Running;
}
