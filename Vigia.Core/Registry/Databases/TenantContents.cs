using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Databases;

/// <summary>The content of a tenant's database.</summary>
/// <param name="Users">The number of all users.</param>
/// <param name="ActiveUsers">The number of users that count against the limit.</param>
/// <param name="Cases">The number of cases (ICSR).</param>
/// <param name="LastCaseAt">When the newest case was created. Null when there is none.</param>
/// <param name="Connections">The number of sessions in the database when it was counted, without the portal's
/// own.</param>
public sealed record TenantContent(
    long Users, long ActiveUsers, long Cases, DateTimeOffset? LastCaseAt, long Connections)
{
    /// <summary>The number of active establishments. Null when the schema does not have them yet.</summary>
    public long? ActiveEstablishments { get; init; }

    /// <summary>
    /// The number of documents issued in this calendar month of Lima. Null when the schema does not have them yet, or
    /// when the last count was made in another month.
    /// </summary>
    public long? DocumentsThisMonth { get; init; }

    /// <summary>
    /// The number of demonstration rows, without rows that depend on them. Null when they were not counted.
    /// </summary>
    public long? DemoRows { get; init; }

    /// <summary>The number of sessions of each login role of the database.</summary>
    public IReadOnlyDictionary<string, long>? RoleSessions { get; init; }

    /// <summary>When these figures were counted.</summary>
    public DateTimeOffset CountedAt { get; init; }
}

/// <summary>
/// The content of tenants' databases: what a person must know before deleting a tenant, and the usage of its limits.
/// Pages show the figures that were counted last. Nothing but a count opens a session in a tenant's database.
/// </summary>
public sealed class TenantContents(
    IDbContextFactory<MasterContext> contexts, TenantContentCounter counter, TimeProvider time)
{
    /// <summary>Returns the figures that were counted last. A tenant in the trash keeps those from before.</summary>
    /// <returns>Null when the tenant has no database that the portal may use, or it was not counted yet.</returns>
    public async Task<TenantContent?> ReadAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var figures = await db.Set<StoredContent>()
            .Where(c => c.TenantId == tenantId
                && (db.Set<Tenant>().Any(t => t.Id == tenantId && t.State == TenantState.Ready)
                    || db.Set<TrashedTenant>().Any(t => t.Id == tenantId)))
            .Select(c => c.Figures).SingleOrDefaultAsync(cancellationToken);
        if (figures is null)
        {
            return null;
        }

        var content = JsonSerializer.Deserialize<TenantContent>(figures)!;
        return MonthOf(content.CountedAt) == MonthOf(time.GetUtcNow()) ? content
            : content with { DocumentsThisMonth = null };
    }

    /// <summary>Counts the content now and stores the figures for everybody.</summary>
    /// <returns>
    /// Null when there is no database of the portal, or it can't be reached and counted in time (
    /// <see cref="TenantContentCounter.Timeout"/>).
    /// </returns>
    public async Task<TenantContent?> CountAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<Tenant>().AnyAsync(t => t.Id == tenantId, cancellationToken)
            ? await counter.CountAsync(tenantId, cancellationToken) : null;
    }

    private static (int Year, int Month) MonthOf(DateTimeOffset moment) =>
        TimeZoneInfo.ConvertTime(moment, LimaTime.Zone) is var lima ? (lima.Year, lima.Month) : default;
}
