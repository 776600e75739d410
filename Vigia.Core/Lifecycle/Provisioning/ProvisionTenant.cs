using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.Removal;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// Provisions a tenant: clones the template, creates role and first administrator, proves the isolation, and makes the
/// tenant ready.
/// </summary>
// More than five dependencies: it lists the steps of provisioning, and each group of steps is a class.
internal sealed class ProvisionTenant(
    DatabaseSteps databases, LoginRoleSteps roles, TenantContentSteps content, ProofSteps proof,
    RoleRemoval removal, TimeProvider time)
    : OperationDefinition
{
    public static readonly OperationKind KindName = TenantAction.Provision.OperationKind!.Value;

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.Provision.Right;

    public override bool MakesTenantReady => true;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("reserve", databases.ReserveAsync, UnreserveAsync),
        new("create_database", databases.CreateAsync, databases.DropUnfinishedAsync),
        new("init_schema", content.InitSchemaAsync),
        new("isolate", roles.IsolateAsync),
        new("create_admin", content.CreateAdminAsync),
        new("prove", proof.ProveNewAsync),
        new("verify_and_make_ready", content.VerifyAndMakeReadyAsync),
    ];

    /// <summary>Always possible, because nothing depends on the tenant until it is ready.</summary>
    public override bool CanCancel(Operation operation) => true;

    public override async Task<bool> IsTooLateToCancelAsync(
        OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Set<Tenant>()
            .AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken);
    }

    public override Task OnFailedAsync(
        MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken) =>
        ChangeAsync(db, context.TenantId, tenant => tenant.MarkFailed(), cancellationToken);

    public override Task OnCancelledAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken) =>
        ChangeAsync(db, context.TenantId, tenant => tenant.CancelProvisioning(), cancellationToken);

    /// <summary>
    /// A provisioning that made the tenant ready, and of which only the step record failed, may be retried; it finds
    /// nothing left to do.
    /// </summary>
    public override async Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (locked is { Registered.State: TenantState.Ready, Trashed: null })
        {
            return;
        }

        ProvisioningDecision.DemandProvisioning(locked);
        if (await OwnDatabases.Of(db, operation.TenantId.Value).AnyAsync(d => d.DropBegunAt != null, cancellationToken))
        {
            throw new RuleException("undo_begun");
        }

        locked.Registered!.BeginProvisioning();
    }

    public override async Task OnCancelRequestAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        // A ready tenant: the cancellation is too late and nothing is undone. Neither in registry nor trash: the
        // remains are removed.
        var locked = await LockedTenant.LockAsync(db, operation.TenantId!.Value, cancellationToken);
        if (locked is not ({ Registered.State: TenantState.Ready, Trashed: null } or
            {
                Registered: null,
                Trashed: null
            }))
        {
            ProvisioningDecision.DemandProvisioning(locked);
        }
    }

    // Only while nothing else has begun with the tenant: a deletion or a restore alone may change its state.
    private static async Task ChangeAsync(
        MasterContext db, int tenantId, Action<Tenant> change, CancellationToken cancellationToken)
    {
        if (await LockedTenant.LockAsync(db, tenantId, cancellationToken)
            is { Registered: { } tenant, Trashed: null } && ProvisioningDecision.Unfinished.Contains(tenant.State))
        {
            change(tenant);
        }
    }

    // The database is dropped before (steps are undone in reverse), because a role with a right on a database can't be
    // dropped.
    private async Task UnreserveAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await ProvisioningDecision.BeginDropAsync(context, time, cancellationToken);
        await removal.DropAllAsync(context, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await OwnDatabases.Of(db, context.TenantId).ExecuteDeleteAsync(cancellationToken);
        await context.CommitAsync(db, Array.Empty<AuditEntry>(), cancellationToken);
    }
}
