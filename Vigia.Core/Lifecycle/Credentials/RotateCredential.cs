using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Credentials;

/// <summary>The data of a rotation.</summary>
internal sealed record RotationData(string Reason);

/// <summary>
/// Rotates the login role of a tenant's database. A new role is created, tested and made current. The previous one is
/// dropped when no session uses it any more. No session is ended.
/// </summary>
internal sealed class RotateCredential(RotationSteps steps) : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.RotateCredential.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.RotateCredential.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("new_role", steps.CreateRoleAsync, steps.RemoveNewRoleAsync),
        new("switch_role", steps.SwitchAsync),
        new("old_sessions", steps.AwaitUnusedAsync),
        new("drop_old_role", steps.DropOldAsync),
    ];

    /// <summary>Possible until the switch; after it the new role is in use.</summary>
    public override bool CanCancel(Operation operation) =>
        operation.Steps.Count == 0 || operation.Steps.Single(s => s.Name == "switch_role").State != StepState.Done;

    /// <summary>The roles of a tenant that is being deleted, in the trash or being restored stay as they are.</summary>
    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (locked is not ({ Registered.State: TenantState.Ready } or { Registered: null, Trashed: null }))
        {
            throw new RuleException("not_ready");
        }
    }

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<TenantCredential>()
            .AnyAsync(
                c => c.ReplacedAt != null && OwnDatabases.Of(db, context.TenantId).Any(d => d.Id == c.DatabaseId),
                cancellationToken);
    }
}
