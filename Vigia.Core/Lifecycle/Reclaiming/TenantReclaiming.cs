using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Reclaiming;

/// <summary>
/// Reclaims a database that the portal created and that lost its marker, usually because it was restored from a dump. A
/// database of another program is not reclaimed but adopted, because the portal has no record of creating it.
/// </summary>
public sealed class TenantReclaiming(TenantRequests requests)
{
    /// <summary>
    /// Checks whether the database with the tenant's name is its own, restores its properties, proves its isolation,
    /// and makes the tenant ready, active or suspended as it was. A reason is required.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException"><c>reason</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>already_managed</c>, <c>operation_running</c>; <c>tenant_unmanaged</c>: the database
    /// must be adopted instead.
    /// </exception>
    public async Task<Guid> ReclaimAsync(Actor actor, int tenantId, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Reclaim.Right);
        TenantRules.DemandReason(reason);
        return await requests.EnqueueAsync(
            actor, tenantId, TenantAction.Reclaim,
            new AuditEntry("tenant.reclaim_requested") { Reason = reason!.Trim() }, new ReclaimData(reason.Trim()),
            DemandOursAsync, cancellationToken);
    }

    private static async Task DemandOursAsync(MasterContext db, Tenant tenant, CancellationToken cancellationToken)
    {
        if (!await OwnDatabases.Of(db, tenant.Id).AnyAsync(cancellationToken))
        {
            throw new RuleException("tenant_unmanaged");
        }
    }
}
