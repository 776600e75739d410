using Microsoft.EntityFrameworkCore;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Tenants;

/// <summary>How many clients there are of each kind; withdrawn ones are counted apart, as the list leaves them out.</summary>
/// <param name="ByStatus">Clients by <see cref="TenantStatus"/>; the withdrawn are not among them.</param>
/// <param name="ByPlan">Clients by plan code; empty text for none.</param>
/// <param name="Withdrawn">Clients that were withdrawn.</param>
/// <param name="Trashed">Clients in the trash.</param>
/// <param name="NextPurge">When the first of the trash is destroyed.</param>
public sealed record RegistryFigure(IReadOnlyDictionary<string, int> ByStatus, IReadOnlyDictionary<string, int> ByPlan, int Withdrawn, int Trashed, DateTimeOffset? NextPurge)
{
    public int Total => ByStatus.Values.Sum();
}

/// <summary>Counts the registry for the dashboard: two statements, whatever its size.</summary>
public sealed class RegistryFigures(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    public async Task<RegistryFigure> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var groups = await db.Tenants
            .GroupBy(t => new
            {
                t.State,
                t.IsActive,
                t.InactiveKind,
                t.Plan,
                IsOver = t.ExpiresAt != null && t.ExpiresAt <= now,
                Exists = t.State != TenantState.Ready || db.ServerDatabases.Any(d => d.Name == t.DatabaseName),
            })
            .Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var trash = await db.Trash.GroupBy(_ => 1).Select(g => new { Count = g.Count(), Next = (DateTimeOffset?)g.Min(t => t.PurgeAfter) }).SingleOrDefaultAsync(cancellationToken);
        var listed = groups.Where(g => g.Key.InactiveKind != InactiveKind.Withdrawn).ToList();
        return new RegistryFigure(
            listed.GroupBy(g => TenantStatus.Of(
                new Tenant { State = g.Key.State, IsActive = g.Key.IsActive, InactiveKind = g.Key.InactiveKind, ExpiresAt = g.Key.IsOver ? now : null }, g.Key.Exists, now))
                .ToDictionary(g => g.Key, g => g.Sum(x => x.Count)),
            listed.GroupBy(g => g.Key.Plan ?? "").ToDictionary(g => g.Key, g => g.Sum(x => x.Count)),
            groups.Where(g => g.Key.InactiveKind == InactiveKind.Withdrawn).Sum(g => g.Count),
            trash?.Count ?? 0,
            trash?.Next);
    }
}
