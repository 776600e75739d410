using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// Applies the limits of the registry to the tenant's own database. The newest revision wins, even if several changes
/// are queued.
/// </summary>
internal sealed class ApplyLimitsOperation(TimeProvider time) : OperationDefinition
{
    public static readonly OperationKind KindName = new("apply_limits");

    public override OperationKind Kind => KindName;

    public override string Right => TenantAction.Edit.Right;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("apply_limits", ApplyAsync)];

    private async Task ApplyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken);
        if (tenant is not { State: TenantState.Ready })
        {
            // Deleted in the meantime, or being provisioned again, which applies the newest limits.
            return;
        }

        await using (var session = await context.OpenTenantDatabaseAsync(cancellationToken))
        {
            await TenantContentSteps.ApplyLimitsAsync(session, tenant, time, cancellationToken);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Set<Tenant>().Where(t => t.Id == tenant.Id && t.LimitsAppliedRevision < tenant.LimitsRevision)
            .ExecuteUpdateAsync(
                s => s.SetProperty(t => t.LimitsAppliedRevision, tenant.LimitsRevision), cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }
}
