using Microsoft.EntityFrameworkCore;
using Vigia.Core.Lifecycle.Adoption;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Limits;

/// <summary>
/// Applies the limits of the registry to the tenant's own database. The newest revision wins, even if several changes
/// are queued. A table of limits that was there before an adoption is not written before the completion, which applies
/// them.
/// </summary>
internal sealed class ApplyLimitsOperation(AdoptionContent adopted, TimeProvider time) : OperationDefinition
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

        if (!await TryApplyAsync(context, db, tenant, cancellationToken))
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Set<Tenant>().Where(t => t.Id == tenant.Id && t.LimitsAppliedRevision < tenant.LimitsRevision)
            .ExecuteUpdateAsync(
                s => s.SetProperty(t => t.LimitsAppliedRevision, tenant.LimitsRevision), cancellationToken);
        await context.CommitAsync(db, [], cancellationToken);
    }

    private async Task<bool> TryApplyAsync(
        OperationContext context, MasterContext db, Tenant tenant, CancellationToken cancellationToken)
    {
        if (await Adoptions.FindAsync(db, tenant.Id, cancellationToken) is { } adoption)
        {
            await using var inside = await adopted.OpenAsync(context, cancellationToken);
            return await adopted.TryWriteLimitsAsync(inside, adoption, tenant, cancellationToken);
        }

        await using var session = await context.OpenTenantDatabaseAsync(cancellationToken);
        await TenantContentSteps.ApplyLimitsAsync(session, tenant, time, cancellationToken);
        return true;
    }
}
