using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// How many tenants there are of each kind. Withdrawn tenants are counted separately, because the list leaves them out.
/// </summary>
/// <param name="ByStatus">Tenants by status, without the withdrawn ones.</param>
/// <param name="ByPlan">Tenants by plan code, without the withdrawn ones; the empty string means no plan.</param>
/// <param name="Withdrawn">Tenants that were withdrawn.</param>
/// <param name="Trashed">Tenants in the trash.</param>
/// <param name="NextPurge">When the first tenant in the trash is due to be purged.</param>
public sealed record RegistryFigure(
    IReadOnlyDictionary<TenantStatus, int> ByStatus, IReadOnlyDictionary<string, int> ByPlan, int Withdrawn,
    int Trashed,
    DateTimeOffset? NextPurge)
{
    /// <summary>
    /// Unmanaged tenants whose database exists and was created by the portal, withdrawn ones included. The database has
    /// lost its marker, so a person must examine it.
    /// </summary>
    public int Unmarked { get; init; }

    /// <summary>Tenants whose database the portal does not manage, without the withdrawn ones.</summary>
    public int Unmanaged { get; init; }

    public int Total => ByStatus.Values.Sum();
}

/// <summary>
/// Counts the registry for the dashboard. All tenants are counted from an index. The few whose status depends on more
/// than that (the end of their contract, the condition of their database) are counted apart and moved.
/// </summary>
public sealed class RegistryFigures(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    public async Task<RegistryFigure> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var all = await db.Set<Tenant>().GroupBy(t => new { t.State, t.IsActive, t.InactiveKind, t.Plan })
            .Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var (missing, unreachable) = (DatabaseConditions.Missing(db), DatabaseConditions.Unreachable(db));
        var special = db.Set<Tenant>().Where(t => t.ExpiresAt <= now).Select(t => (int?)t.Id)
            .Union(missing).Union(unreachable);
        var moved = await db.Set<Tenant>().Where(t => special.Contains(t.Id))
            .GroupBy(t => new
            {
                t.State,
                t.IsActive,
                t.InactiveKind,
                t.Plan,
                IsOver = t.ExpiresAt != null && t.ExpiresAt <= now,
                IsMissing = missing.Contains(t.Id),
                IsUnreachable = unreachable.Contains(t.Id),
            })
            .Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var unmarked = await db.Set<Tenant>().CountAsync(
            t => t.State == TenantState.Unmanaged && OwnDatabases.Of(db).Any(d => d.TenantId == t.Id)
                && !missing.Contains(t.Id), cancellationToken);
        var usual = all.Select(g => (g.Key, Count: g.Count - moved.Where(m => g.Key.Equals(
            new { m.Key.State, m.Key.IsActive, m.Key.InactiveKind, m.Key.Plan })).Sum(m => m.Count)));
        var trash = await db.Set<TrashedTenant>().GroupBy(_ => 1)
            .Select(g => new { Count = g.Count(), Next = (DateTimeOffset?)g.Min(t => t.PurgeAfter) })
            .SingleOrDefaultAsync(cancellationToken);

        // By the status that the list shows: a tenant whose provisioning failed has failed, withdrawn or not.
        var byStatus = usual.Select(g => (Status: TenantStatuses.Of(
                new TenantStanding(g.Key.State, g.Key.IsActive, g.Key.InactiveKind), null, DatabaseCondition.Usable,
                now), g.Key.Plan, g.Key.State, g.Count))
            .Concat(moved.Select(g => (Status: TenantStatuses.Of(
                new TenantStanding(g.Key.State, g.Key.IsActive, g.Key.InactiveKind), g.Key.IsOver ? now : null,
                g.Key.IsMissing ? DatabaseCondition.Missing
                    : g.Key.IsUnreachable ? DatabaseCondition.Unreachable : DatabaseCondition.Usable,
                now), g.Key.Plan, g.Key.State, g.Count)))
            .Where(g => g.Count > 0).ToLookup(g => g.Status);
        var listed = byStatus.Where(g => g.Key != TenantStatus.Withdrawn).SelectMany(g => g).ToList();
        return new RegistryFigure(
            byStatus.Where(g => g.Key != TenantStatus.Withdrawn).ToDictionary(g => g.Key, g => g.Sum(x => x.Count)),
            listed.GroupBy(g => g.Plan ?? "").ToDictionary(g => g.Key, g => g.Sum(x => x.Count)),
            byStatus[TenantStatus.Withdrawn].Sum(g => g.Count),
            trash?.Count ?? 0,
            trash?.Next)
        {
            Unmarked = unmarked,
            Unmanaged = listed.Where(g => g.State == TenantState.Unmanaged).Sum(g => g.Count),
        };
    }
}
