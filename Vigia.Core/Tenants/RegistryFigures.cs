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

/// <summary>Counts the registry for the dashboard, with two statements for any size.</summary>
public sealed class RegistryFigures(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    public async Task<RegistryFigure> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var groups = await db.Set<Tenant>()
            .GroupBy(t => new
            {
                t.State,
                t.IsActive,
                t.InactiveKind,
                t.Plan,
                IsOver = t.ExpiresAt != null && t.ExpiresAt <= now,
                Made = t.State == TenantState.Unmanaged && OwnDatabases.Of(db).Any(d => d.TenantId == t.Id),
                IsMissing = DatabaseConditions.Missing(db).Contains(t.Id),
                IsUnreachable = DatabaseConditions.Unreachable(db).Contains(t.Id),
            })
            .Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancellationToken);
        var trash = await db.Set<TrashedTenant>().GroupBy(_ => 1)
            .Select(g => new { Count = g.Count(), Next = (DateTimeOffset?)g.Min(t => t.PurgeAfter) })
            .SingleOrDefaultAsync(cancellationToken);

        // By the status that the list shows: a tenant whose provisioning failed has failed, withdrawn or not.
        var byStatus = groups.ToLookup(g => TenantStatuses.Of(
            new TenantStanding(g.Key.State, g.Key.IsActive, g.Key.InactiveKind), g.Key.IsOver ? now : null,
            g.Key.IsMissing ? DatabaseCondition.Missing
                : g.Key.IsUnreachable ? DatabaseCondition.Unreachable : DatabaseCondition.Usable, now));
        var listed = byStatus.Where(g => g.Key != TenantStatus.Withdrawn).SelectMany(g => g).ToList();
        return new RegistryFigure(
            byStatus.Where(g => g.Key != TenantStatus.Withdrawn).ToDictionary(g => g.Key, g => g.Sum(x => x.Count)),
            listed.GroupBy(g => g.Key.Plan ?? "").ToDictionary(g => g.Key, g => g.Sum(x => x.Count)),
            byStatus[TenantStatus.Withdrawn].Sum(g => g.Count),
            trash?.Count ?? 0,
            trash?.Next)
        {
            Unmarked = groups.Where(g => g.Key is { Made: true, IsMissing: false }).Sum(g => g.Count),
            Unmanaged = listed.Where(g => g.Key.State == TenantState.Unmanaged).Sum(g => g.Count),
        };
    }
}
