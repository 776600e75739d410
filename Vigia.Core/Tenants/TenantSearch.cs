using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// Reads the registry. One page of the list takes two statements. The text search uses an index for three or more
/// characters.
/// </summary>
public sealed class TenantSearch(IDbContextFactory<MasterContext> contexts, TenantUrls urls, TimeProvider time)
{
    public const int MaxPageSize = PageSize.Max;

    /// <summary>Returns a page of tenants; an exact RUC or sub-domain comes first.</summary>
    public async Task<TenantPage> SearchAsync(Actor actor, TenantQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var size = Math.Clamp(query.PageSize, 1, MaxPageSize);
        var page = Math.Max(1, query.Page);
        if (IsUnsearchable(query))
        {
            return new TenantPage([], 0, page, size);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenants = Filter(db, query);
        var total = await tenants.CountAsync(cancellationToken);
        var items = await ReadAsync(
            db, Sort(tenants, query).Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size),
            cancellationToken);
        return new TenantPage(items, total, page, size);
    }

    /// <summary>Counts the tenants that <see cref="SearchAsync"/> finds.</summary>
    public async Task<int> CountAsync(Actor actor, TenantQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        if (IsUnsearchable(query))
        {
            return 0;
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await Filter(db, query).CountAsync(cancellationToken);
    }

    /// <summary>
    /// Finds at most <paramref name="most"/> tenants by text in RUC, legal name, sub-domain or e-mail. Searches the
    /// registry, withdrawn tenants included, and the trash.
    /// </summary>
    /// <returns>An exact RUC or sub-domain first; tenants in the trash last.</returns>
    public async Task<IReadOnlyList<TenantHit>> FindAnywhereAsync(
        Actor actor, string text, int most, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var query = new TenantQuery { Q = text };
        if (IsUnsearchable(query))
        {
            return [];
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = await ReadAsync(
            db, Sort(TenantTextSearch.Match(db, db.Set<Tenant>().AsNoTracking(), text), query).Take(most),
            cancellationToken);
        var trashed = await TenantTextSearch.Match(db.Set<TrashedTenant>().AsNoTracking(), text)
            .OrderBy(t => EF.Functions.Collate(t.LegalName, MasterContext.Collation)).Take(most - found.Count)
            .Select(t => new TenantHit(t.Id, t.LegalName, t.Ruc, t.Subdomain, TenantStatus.Trashed))
                .ToListAsync(cancellationToken);
        return [.. found.Select(
            v => new TenantHit(v.Id, v.Row.LegalName, v.Row.Ruc, v.Row.Subdomain,
            v.Row.InactiveKind == InactiveKind.Withdrawn ? TenantStatus.Withdrawn : v.Status)), .. trashed];
    }

    /// <summary>Returns the ids of all matching tenants, not only of one page.</summary>
    public async Task<IReadOnlyList<int>> FindIdsAsync(
        Actor actor, TenantQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        if (IsUnsearchable(query))
        {
            return [];
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await Filter(db, query).Select(t => t.Id).ToListAsync(cancellationToken);
    }

    /// <summary>Returns one tenant, also from the trash; for a purged one, what the audit trail knows.</summary>
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    public async Task<TenantLookup> GetAsync(Actor actor, int id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var view = (await ReadAsync(db, db.Set<Tenant>().AsNoTracking().Where(t => t.Id == id), cancellationToken))
            .SingleOrDefault();
        var trashed = view is null ? await db.Set<TrashedTenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == id, cancellationToken) : null;
        var purged = view is null && trashed is null ? await PurgedAsync(db, id, cancellationToken)
            ?? throw new NotFoundException("tenant_unknown") : null;
        return new TenantLookup(view, trashed, purged);
    }

    /// <summary>Returns these tenants as they are now, by id. Tenants that no longer exist are left out.</summary>
    public async Task<IReadOnlyDictionary<int,
    TenantView>> FindAsync(Actor actor, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return (await ReadAsync(db, db.Set<Tenant>().AsNoTracking().Where(t => ids.Contains(t.Id)), cancellationToken))
            .ToDictionary(v => v.Id);
    }

    /// <summary>
    /// Returns the holders of the RUC and the sub-domain, if any. Malformed values have no holder; this method does not
    /// report their form.
    /// </summary>
    public async Task<TenantAvailability> CheckAsync(
        Actor actor, string? ruc, string? subdomain, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var digits = Ruc.Problem(ruc) is null ? Ruc.Normalize(ruc) : null;
        var name = SafeText.Problem(subdomain) is null ? subdomain?.Trim() : null;
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var holders = await ReadAsync(
            db, db.Set<Tenant>().AsNoTracking()
                .Where(t => (digits != null && t.Ruc == digits) || (name != null && t.Subdomain == name)),
                cancellationToken);
        var holder = holders.FirstOrDefault(h => name is not null && h.Row.Subdomain == name);
        var isDatabaseTaken = holder is null && Subdomain.Problem(name) is null
            && await db.Set<ServerDatabase>().AnyAsync(
                d => d.ServerId == ServerConnections.MasterServerId && d.Name == DatabaseName.Prefix + name,
                cancellationToken);
        return new TenantAvailability(
            holders.FirstOrDefault(h => digits is not null && h.Row.Ruc == digits), holder, isDatabaseTaken);
    }

    /// <summary>Returns the ids of all matching tenants, in the order of the list.</summary>
    internal Task<int[]> OrderedIdsAsync(MasterContext db, TenantQuery query, CancellationToken cancellationToken) =>
        IsUnsearchable(query)
        ? Task.FromResult<int[]>([])
        : Sort(Filter(db, query), query).Select(t => t.Id).ToArrayAsync(cancellationToken);

    /// <summary>
    /// Returns these tenants in this order, as they are now, without those that no longer match or exist. Does not read
    /// database sizes.
    /// </summary>
    internal async Task<IReadOnlyList<ExportedTenant>> ReadForFileAsync(
        MasterContext db, TenantQuery query, int[] ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await Filter(db, query).Where(t => ids.Contains(t.Id))
            .Select(t => new
            {
                Row = t,
                Exists = (t.State != TenantState.Ready
                    && !(t.State == TenantState.Unmanaged && OwnDatabases.Of(db).Any(d => d.TenantId == t.Id)))
                    || db.Set<ServerDatabase>().Any(d => d.ServerId == t.ServerId && d.Name == t.DatabaseName),
            })
            .ToDictionaryAsync(t => t.Row.Id, cancellationToken);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id])
            .Select(t => new ExportedTenant(t.Row, TenantStatuses.Of(t.Row, t.Exists, now)))];
    }

    private static async Task<PurgedTenant?> PurgedAsync(MasterContext db, int id, CancellationToken cancellationToken)
    {
        var record = await db.Set<AuditEvent>().AsNoTracking()
            .Where(e => e.TenantId == id && e.Action == "tenant.purged").OrderByDescending(e => e.Seq)
            .FirstOrDefaultAsync(cancellationToken);
        if (record is null)
        {
            return null;
        }

        using var before = JsonDocument.Parse(record.Before ?? "{}");
        var name = before.RootElement.TryGetProperty("razon_social", out var text) ? text.GetString() : null;
        return new PurgedTenant(id, name, record.Ruc, record.Subdomain, record.At, record.ActorName, record.Reason);
    }

    // No tenant has such a text, and PostgreSQL would reject the query.
    private static bool IsUnsearchable(TenantQuery query) =>
        new[] { query.Q, query.Plan, query.Environment }.Any(text => SafeText.Problem(text) is not null);

    private IQueryable<Tenant> Filter(MasterContext db, TenantQuery query)
    {
        var tenants = db.Set<Tenant>().AsNoTracking();
        tenants = query.Plan switch
        {
            null => tenants,
            TenantQuery.NoPlan => tenants.Where(t => t.Plan == null || t.Plan == ""),
            var plan => tenants.Where(t => t.Plan == plan),
        };
        tenants = query.Environment is { } environment ? tenants.Where(t => t.Environment == environment) : tenants;
        tenants = query.IsActive is { } active ? tenants.Where(t => t.IsActive == active) : tenants;
        tenants = query.Status switch
        {
            null => tenants.Where(t => t.InactiveKind == null || t.InactiveKind != InactiveKind.Withdrawn),
            TenantStatus.DatabaseMissing => tenants
                .Where(t => t.State == TenantState.Ready
                    || (t.State == TenantState.Unmanaged && OwnDatabases.Of(db).Any(d => d.TenantId == t.Id)))
                .Where(t => !db.Set<ServerDatabase>().Any(d => d.ServerId == t.ServerId && d.Name == t.DatabaseName)),
            TenantStatus.Unmanaged => tenants.Where(t => t.State == TenantState.Unmanaged
                && (!OwnDatabases.Of(db).Any(d => d.TenantId == t.Id)
                    || db.Set<ServerDatabase>().Any(d => d.ServerId == t.ServerId && d.Name == t.DatabaseName))),
            TenantStatus.Active or TenantStatus.Inactive or TenantStatus.Expired =>
                TenantStatuses.Filter(tenants, query.Status.Value, time.GetUtcNow())
                .Where(t => t.State != TenantState.Ready
                    || db.Set<ServerDatabase>().Any(d => d.ServerId == t.ServerId && d.Name == t.DatabaseName)),
            { } status => TenantStatuses.Filter(tenants, status, time.GetUtcNow()),
        };
        return TenantTextSearch.Match(db, tenants, query.Q);
    }

    private static IOrderedQueryable<Tenant> Sort(IQueryable<Tenant> tenants, TenantQuery query)
    {
        var exact = query.Q?.Trim();
        var first = string.IsNullOrEmpty(exact) ? null
            : tenants.OrderByDescending(t => t.Ruc == exact || t.Subdomain == exact);
        IOrderedQueryable<Tenant> By<TKey>(System.Linq.Expressions.Expression<Func<Tenant, TKey>> key) =>
            (first, query.Descending) switch
            {
                (null, false) => tenants.OrderBy(key),
                (null, true) => tenants.OrderByDescending(key),
                (_, false) => first.ThenBy(key),
                _ => first.ThenByDescending(key),
            };
        var sorted = query.OrderBy switch
        {
            TenantOrder.Ruc => By(t => t.Ruc),
            TenantOrder.Subdomain => By(t => t.Subdomain),
            TenantOrder.Plan => By(t => t.Plan),
            TenantOrder.State => By(t => t.State),
            TenantOrder.CreatedAt => By(t => t.CreatedAt),
            TenantOrder.Id => By(t => t.Id),
            _ => By(t => EF.Functions.Collate(t.LegalName!, MasterContext.Collation)),
        };
        return query.Descending ? sorted.ThenByDescending(t => t.Id) : sorted.ThenBy(t => t.Id);
    }

    private async Task<List<TenantView>> ReadAsync(
        MasterContext db, IQueryable<Tenant> tenants, CancellationToken cancellationToken)
    {
        // Reads the size only of databases that exist, because the function raises an error for others.
        var rows = await tenants.Select(t => new
        {
            Row = t,
            Size = db.Set<ServerDatabase>()
                .Where(d => d.ServerId == t.ServerId && d.Name == t.DatabaseName && t.State == TenantState.Ready)
                .Select(d => (long?)MasterContext.DatabaseSize(d.Name)).FirstOrDefault(),
            Made = t.State == TenantState.Unmanaged && OwnDatabases.Of(db).Any(d => d.TenantId == t.Id),
            Exists = db.Set<ServerDatabase>().Any(d => d.ServerId == t.ServerId && d.Name == t.DatabaseName),
            Isolation = IsolationService.LastOfOwn(db).Where(p => p.TenantId == t.Id)
                .Select(p => (IsolationVerdict?)p.Verdict).FirstOrDefault(),
            EverInProduction = OwnDatabases.Of(db).Where(d => d.TenantId == t.Id)
                .Select(d => (bool?)d.EverInProduction).FirstOrDefault(),
        }).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return [.. rows.Select(r =>
        {
            var status = TenantStatuses.Of(r.Row, r.Exists || (r.Row.State == TenantState.Unmanaged && !r.Made), now);
            var url = r.Row.Subdomain is { } name ? urls.Of(name) : null;
            return new TenantView(r.Row, status, url, r.Size)
            {
                Isolation = r.Isolation, IsReclaimable = r.Made && r.Exists,
                HasProductionDuty = ProductionDuty.Applies(r.Row, r.EverInProduction),
            };
        })];
    }
}
