using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Plans;

/// <summary>The plans there are.</summary>
public sealed class PlanCatalog(IDbContextFactory<MasterContext> contexts)
{
    /// <summary>All plans, smallest first.</summary>
    public async Task<IReadOnlyList<Plan>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Plans.AsNoTracking().OrderBy(p => p.Position).ThenBy(p => p.Code).ToListAsync(cancellationToken);
    }
}
