using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Plans;

/// <summary>Reads the plans.</summary>
public sealed class PlanCatalog(IDbContextFactory<MasterContext> contexts)
{
    /// <summary>Lists all plans, smallest first.</summary>
    public async Task<IReadOnlyList<Plan>> ListAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<Plan>().AsNoTracking().OrderBy(p => p.Position).ThenBy(p => p.Code)
            .ToListAsync(cancellationToken);
    }

    /// <summary>One plan; null when there is no such plan.</summary>
    public async Task<Plan?> FindAsync(Actor actor, string? code, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        if (code is null || code.Contains('\0', StringComparison.Ordinal))
        {
            // The server refuses such text. Nothing can have this code.
            return null;
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<Plan>().AsNoTracking().SingleOrDefaultAsync(p => p.Code == code, cancellationToken);
    }
}
