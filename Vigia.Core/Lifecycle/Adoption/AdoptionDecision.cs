using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>
/// Decides, under the tenant's locks, what an operation may do with an adoption now. A retry may come days later, when
/// the adoption was confirmed, undone or taken up by another operation.
/// </summary>
internal static class AdoptionDecision
{
    /// <summary>Demands that the tenant is still the one whose database was approved.</summary>
    /// <returns>The tenant; its state is <c>ready</c> only if the operation is over.</returns>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>already_managed</c>, <c>adopt_row_changed</c>, <c>operation_overtaken</c>.
    /// </exception>
    public static async Task<Tenant> DemandAdoptableAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        var tenant = locked.Registered ?? throw new NotFoundException("tenant_unknown");
        var adoption = await Adoptions.FindAsync(db, tenant.Id, cancellationToken);
        if (tenant.State == TenantState.Ready && adoption?.OperationId == context.OperationId)
        {
            return tenant;
        }

        if (locked.Trashed is not null || tenant.State != TenantState.Unmanaged)
        {
            throw new RuleException("already_managed");
        }

        DemandSameDatabase(tenant, context.Data<AdoptionData>().DatabaseName);
        if (adoption is { UndoBegunAt: not null } or { AdoptedAt: not null })
        {
            throw new RuleException("operation_overtaken");
        }

        return tenant;
    }

    /// <summary>
    /// Demands that the row still names the database that the person approved, and no other adoption is under way.
    /// </summary>
    public static void DemandSameDatabase(Tenant tenant, string database)
    {
        if ((tenant.DatabaseName ?? $"vigia_{tenant.Subdomain}") != database)
        {
            throw new RuleException("adopt_row_changed", tenant.DatabaseName ?? "-", database);
        }
    }

    /// <summary>
    /// Demands that the undo is begun and nobody confirmed the adoption. Every step of an undo asks this again.
    /// </summary>
    /// <returns>The adoption; null when the undo is over.</returns>
    /// <exception cref="RuleException"><c>adoption_confirmed</c>, <c>operation_overtaken</c>.</exception>
    public static async Task<TenantAdoption?> DemandUndoingAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        var data = context.Data<AdoptionFollowUpData>();
        var adoption = await db.Set<TenantAdoption>()
            .SingleOrDefaultAsync(a => a.Id == data.AdoptionId, cancellationToken);
        return adoption switch
        {
            null => throw new RuleException("operation_overtaken"),
            { EndedAt: not null } => null,
            { ConfirmedAt: not null } => throw new RuleException("adoption_confirmed"),
            { UndoBegunAt: null } => throw new RuleException("operation_overtaken"),
            _ => adoption,
        };
    }
}
