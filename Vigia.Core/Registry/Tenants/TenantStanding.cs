using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Registry.Tenants;

/// <summary>The facts that decide which actions are possible with a tenant. See <see cref="TenantAction"/>.</summary>
public readonly record struct TenantStanding(TenantState State, bool IsActive, InactiveKind? Kind)
{
    /// <summary>Whether the portal created its database and last saw that it no longer exists.</summary>
    public bool DatabaseIsMissing { get; init; }

    /// <summary>Whether it is in the trash as well, because a restore has not ended or has failed.</summary>
    public bool IsBeingRestored { get; init; }

    /// <summary>How far the adoption of its database is; none for a database that the portal created.</summary>
    public AdoptionStage Adoption { get; init; }

    /// <summary>The facts that the row of the registry alone shows.</summary>
    public static TenantStanding Of(Tenant tenant) => new(tenant.State, tenant.IsActive, tenant.InactiveKind);

    /// <summary>The facts from the master. The caller holds the lock of the row, if a decision depends on it.</summary>
    internal static async Task<TenantStanding> ReadAsync(
        MasterContext db, Tenant tenant, DateTimeOffset now, CancellationToken cancellationToken) => Of(tenant) with
        {
            Adoption = await Adoptions.StageAsync(db, tenant.Id, now, cancellationToken),
            DatabaseIsMissing = await DatabaseConditions.Missing(db).ContainsAsync(tenant.Id, cancellationToken),
            IsBeingRestored = await db.Set<TrashedTenant>().AnyAsync(t => t.Id == tenant.Id, cancellationToken),
        };
}

/// <summary>
/// The facts that decide which actions are possible with a tenant in the trash. See <see cref="TrashAction"/>.
/// </summary>
/// <param name="IsDue">Whether the retention is over.</param>
/// <param name="MayDropAtOnce">Whether nothing has to be kept. See <see cref="ProductionDuty"/>.</param>
/// <param name="DropHasBegun">Whether the drop of its database has begun.</param>
/// <param name="Work">The unfinished work on it.</param>
public readonly record struct TrashStanding(bool IsDue, bool MayDropAtOnce, bool DropHasBegun, TrashWork Work)
{
    /// <summary>
    /// Whether a purge would end the retention. A drop that has begun must be finished, even before the retention is
    /// over.
    /// </summary>
    public bool IsEarly => !IsDue && !DropHasBegun;

    public static TrashStanding Of(TrashedTenant trashed, TrashWork work, DateTimeOffset now) => new(
        trashed.PurgeAfter <= now, ProductionDuty.MayPurgeEarly(trashed), trashed.DropBegunAt is not null, work);
}

/// <summary>The unfinished work on a tenant in the trash.</summary>
public enum TrashWork
{
    None,

    /// <summary>A drop that has not started.</summary>
    WaitingDrop,

    /// <summary>A running drop, or a restore, also one that has failed.</summary>
    Other,
}
