using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;

namespace Vigia.Core.Credentials;

/// <summary>What a rotation was asked for with.</summary>
/// <param name="Reason">In words.</param>
internal sealed record RotationData(string Reason);

/// <summary>
/// Gives a client's database a new login role (architecture section 5): number n+1 is made and tried, becomes the current one, and n goes when no
/// session uses it any more. Nobody's session is ended.
/// </summary>
internal sealed class RotateCredential(RotationSteps steps) : OperationDefinition
{
    public const string KindName = "rotate_credential";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("new_role", steps.MakeAsync, steps.TakeAwayAsync),
        new("switch_role", steps.SwitchAsync),
        new("old_sessions", steps.AwaitUnusedAsync),
        new("drop_old_role", steps.DropOldAsync),
    ];

    /// <summary>Until the switch; from then on the new role is the one in use.</summary>
    public override bool CanCancel(Operation operation) => operation.Steps.Count == 0 || operation.Steps.Single(s => s.Name == "switch_role").State != StepState.Done;

    public override async Task<bool> IsTooLateToCancelAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Credentials.AnyAsync(c => c.TenantId == context.TenantId && c.ReplacedAt != null, cancellationToken);
    }
}
