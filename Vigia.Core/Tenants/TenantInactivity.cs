using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Tenants;

/// <summary>
/// The person who made a tenant inactive. The registry has time and reason; the audit trail has the person.
/// </summary>
public sealed class TenantInactivity(IDbContextFactory<MasterContext> contexts)
{
    /// <summary>Finds the person who suspended or withdrew the tenant last.</summary>
    /// <returns>Null when nobody did, or a registry that was taken over says so without a record.</returns>
    public async Task<string?> FindPersonAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<AuditEvent>()
            .Where(e => e.TenantId == tenantId && (e.Action == "tenant.suspended" || e.Action == "tenant.withdrawn"))
            .OrderByDescending(e => e.Seq).Select(e => e.ActorName).FirstOrDefaultAsync(cancellationToken);
    }
}
