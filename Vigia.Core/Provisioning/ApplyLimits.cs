using Microsoft.EntityFrameworkCore;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Core.Provisioning;

/// <summary>Brings the limits of the registry into the tenant's own database; the newest revision wins, however many changes are queued.</summary>
internal sealed class ApplyLimits(TimeProvider time) : OperationDefinition
{
    public const string KindName = "apply_limits";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) => [new("apply_limits", ApplyAsync)];

    private async Task ApplyAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(t => t.Id == context.TenantId, cancellationToken);
        if (tenant is not { State: TenantState.Ready })
        {
            // Deleted meanwhile, or provisioned anew with the newest limits.
            return;
        }

        await using (var session = await context.OpenDatabaseAsync(tenant.DatabaseName!, cancellationToken))
        {
            await TenantContentSteps.ApplyLimitsAsync(session, tenant, time, cancellationToken);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Tenants.Where(t => t.Id == tenant.Id && t.LimitsAppliedRevision < tenant.LimitsRevision)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.LimitsAppliedRevision, tenant.LimitsRevision), cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }
}
