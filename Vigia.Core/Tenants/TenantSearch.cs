using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// Reads the registry. One page of the list takes two statements; a text, or a place in the list, takes one more each.
/// </summary>
public sealed class TenantSearch(IDbContextFactory<MasterContext> contexts, TenantUrls urls, TimeProvider time)
{
    public const int MaxPageSize = PageSize.Max;

    /// <summary>Returns a page of tenants; an exact RUC or sub-domain comes first.</summary>
    public async Task<TenantPage> SearchAsync(Actor actor, TenantQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var size = Math.Clamp(query.PageSize, 1, MaxPageSize);
        var page = query.Page == 0 ? 1 : query.Page;
        if (IsUnsearchable(query))
        {
            return new TenantPage([], 0, page, size);
        }

        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var tenants = Filter(db, query, await TenantTextSearch.PrepareAsync(db, query.Q, cancellationToken));
        var at = await FindPlaceAsync(db, query, cancellationToken);
        var reading = new ListReading<Tenant, TenantView>(
            span => TenantOrdering.Parts(tenants, query, span, span.IsPlaced ? at : null),
            (part, cancel) => ReadAsync(db, part, cancel));
        var (slice, total) = await reading.ReadAsync(
            new ListSpan(page, size, at is not null, query.Place?.Before == true),
            cancel => ListTotal.CountAsync(tenants, cancel), cancellationToken);
        return new TenantPage(slice.Rows, total.Count, slice.Page, size)
        {
            TotalIsExact = total.IsExact, HasPrevious = slice.HasPrevious, HasNext = slice.HasNext,
        };
    }

    /// <summary>Counts the tenants that <see cref="SearchAsync"/> finds, up to the limit of its total.</summary>
    public async Task<int> CountAsync(Actor actor, TenantQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        if (IsUnsearchable(query))
        {
            return 0;
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenants = Filter(db, query, await TenantTextSearch.PrepareAsync(db, query.Q, cancellationToken));
        return (await ListTotal.CountAsync(tenants, cancellationToken)).Count;
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

        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var matching = (await TenantTextSearch.PrepareAsync(db, text, cancellationToken))
            .Match(db, db.Set<Tenant>().AsNoTracking());
        var found = (await new ListReading<Tenant, TenantView>(
            span => TenantOrdering.Parts(matching, query, span, null),
            (part, cancel) => ReadAsync(db, part, cancel))
                .ReadAsync(new ListSpan(1, most), new ListTotal(0, false), cancellationToken)).Rows;
        var trashed = await TenantTextSearch.Match(db.Set<TrashedTenant>().AsNoTracking(), text)
            .OrderBy(t => EF.Functions.Collate(t.LegalName, MasterContext.Collation)).Take(most - found.Count)
            .Select(t => new TenantHit(t.Id, t.LegalName, t.Ruc, t.Subdomain, TenantStatus.Trashed))
                .ToListAsync(cancellationToken);
        return [.. found.Select(v => new TenantHit(v.Id, v.Row.LegalName, v.Row.Ruc, v.Row.Subdomain, v.Status)),
            .. trashed];
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
        return await Filter(db, query, TenantTextSearch.Of(query.Q)).Select(t => t.Id).ToListAsync(cancellationToken);
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
    public async Task<IReadOnlyDictionary<int, TenantView>> FindAsync(
        Actor actor, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return (await ReadAsync(db, db.Set<Tenant>().AsNoTracking().Where(t => ids.Contains(t.Id)), cancellationToken))
            .ToDictionary(v => v.Id);
    }

    /// <summary>
    /// Returns the holders of the RUC and the sub-domain, if any. A tenant that keeps the sub-domain as an alias holds
    /// it too. Malformed values have no holder; this method does not report their form.
    /// </summary>
    public async Task<TenantAvailability> CheckAsync(
        Actor actor, string? ruc, string? subdomain, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var digits = Ruc.Problem(ruc) is null ? Ruc.Normalize(ruc) : null;
        var name = SafeText.Problem(subdomain) is null ? subdomain?.Trim() : null;
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var alias = name is null ? null : await SubdomainHolders.Aliases(db, name, time.GetUtcNow())
            .Select(a => (int?)a.TenantId).FirstOrDefaultAsync(cancellationToken);
        var holders = await ReadAsync(
            db, db.Set<Tenant>().AsNoTracking()
                .Where(t => (digits != null && t.Ruc == digits) || (name != null && t.Subdomain == name)
                    || t.Id == alias),
                cancellationToken);
        var holder = holders.FirstOrDefault(h => name is not null && h.Row.Subdomain == name)
            ?? holders.FirstOrDefault(h => h.Id == alias);
        var isDatabaseTaken = holder is null && Subdomain.Problem(name) is null
            && await db.Set<ObservedDatabase>().AnyAsync(
                d => d.ServerId == ServerConnections.NewDatabasesServerId && d.Name == DatabaseName.Prefix + name
                    && d.IsPresent, cancellationToken);
        return new TenantAvailability(
            holders.FirstOrDefault(h => digits is not null && h.Row.Ruc == digits), holder, isDatabaseTaken,
            IsKept: holder is null && alias is not null);
    }

    /// <summary>Returns the ids of all matching tenants, in the order of the list.</summary>
    internal async Task<int[]> OrderedIdsAsync(
        MasterContext db, TenantQuery query, CancellationToken cancellationToken)
    {
        var ids = new List<int>();
        if (!IsUnsearchable(query))
        {
            var tenants = Filter(db, query, TenantTextSearch.Of(query.Q));
            foreach (var part in TenantOrdering.Parts(tenants, query, new ListSpan(1, MaxPageSize), null))
            {
                ids.AddRange(await part.Select(t => t.Id).ToListAsync(cancellationToken));
            }
        }

        return [.. ids];
    }

    /// <summary>
    /// Returns these tenants in this order, as they are now, without those that no longer match or exist.
    /// </summary>
    internal async Task<IReadOnlyList<ExportedTenant>> ReadForFileAsync(
        MasterContext db, TenantQuery query, int[] ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await Filter(db, query, TenantTextSearch.Of(query.Q)).Where(t => ids.Contains(t.Id))
            .Select(t => new
            {
                Row = t,
                Condition = DatabaseConditions.Missing(db).Contains(t.Id) ? DatabaseCondition.Missing
                    : DatabaseConditions.Unreachable(db).Contains(t.Id) ? DatabaseCondition.Unreachable
                    : DatabaseCondition.Usable,
            })
            .ToDictionaryAsync(t => t.Row.Id, cancellationToken);
        return [.. ids.Where(rows.ContainsKey).Select(id => rows[id])
            .Select(t => new ExportedTenant(t.Row, TenantStatuses.Of(t.Row, t.Condition, now)))];
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

        return new PurgedTenant(
            id, TenantNames.LegalNameIn(record.Before), record.Ruc, record.Subdomain, record.At, record.ActorName,
            record.Reason);
    }

    // The row beside which the page is read. Without it, the page is found by its number.
    private static async Task<Tenant?> FindPlaceAsync(
        MasterContext db, TenantQuery query, CancellationToken cancellationToken) =>
        query.Place is { } place
            && await db.Set<Tenant>().AsNoTracking().SingleOrDefaultAsync(t => t.Id == place.Id, cancellationToken)
                is { } at && TenantOrdering.IsPlace(at, query) ? at : null;

    // No tenant has such a text, and PostgreSQL would reject the query.
    private static bool IsUnsearchable(TenantQuery query) =>
        new[] { query.Q, query.Plan, query.Environment }.Any(text => SafeText.Problem(text) is not null)
        || TenantTextSearch.IsWordless(query.Q);

    private IQueryable<Tenant> Filter(MasterContext db, TenantQuery query, TenantTextSearch text)
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
        tenants = query.IsManaged is { } managed
            ? managed ? tenants.Where(t => t.State != TenantState.Unmanaged)
                : tenants.Where(t => t.State == TenantState.Unmanaged)
            : tenants;
        tenants = query.Status switch
        {
            null => TenantStatuses.Listed(tenants),
            { } status => TenantStatuses.Filter(tenants, status, time.GetUtcNow()),
        };
        tenants = query.Status switch
        {
            TenantStatus.Active => tenants.Where(t => !DatabaseConditions.Missing(db).Contains(t.Id)
                && !DatabaseConditions.Unreachable(db).Contains(t.Id)),
            TenantStatus.DatabaseMissing => tenants.Where(t => DatabaseConditions.Missing(db).Contains(t.Id)),
            TenantStatus.Unreachable => tenants.Where(t => DatabaseConditions.Unreachable(db).Contains(t.Id)),
            _ => tenants,
        };
        return text.Match(db, tenants);
    }

    private async Task<List<TenantView>> ReadAsync(
        MasterContext db, IQueryable<Tenant> tenants, CancellationToken cancellationToken)
    {
        // A join: the first row of a subquery would be searched for among all databases of the server.
        var rows = await (from t in tenants
                          from observed in db.Set<ObservedDatabase>()
                              .Where(d => d.ServerId == t.ServerId && d.Name == t.DatabaseName).DefaultIfEmpty()
                          from adoption in db.Set<TenantAdoption>()
                              .Where(a => a.TenantId == t.Id && a.EndedAt == null).DefaultIfEmpty()
                          select new
                          {
                              Row = t,
                              Made = OwnDatabases.Of(db).Any(d => d.TenantId == t.Id),
                              Database = observed,
                              ContentAt = db.Set<StoredContent>().Where(c => c.TenantId == t.Id)
                                  .Select(c => c.CountedAt).FirstOrDefault(),
                              Isolation = IsolationService.LastOfOwn(db).Where(p => p.TenantId == t.Id)
                                  .Select(p => (IsolationVerdict?)p.Verdict).FirstOrDefault(),
                              // Its columns by name: what the database was before takes 50 KB of each row.
                              Adoption = adoption == null ? null : new AdoptionSummary
                              {
                                  Id = adoption.Id,
                                  DatabaseName = adoption.DatabaseName,
                                  KeepsOwner = adoption.KeepsOwner,
                                  BackupStatement = adoption.BackupStatement,
                                  AdoptedAt = adoption.AdoptedAt,
                                  UndoUntil = adoption.UndoUntil,
                                  ConfirmedAt = adoption.ConfirmedAt,
                                  CompletedAt = adoption.CompletedAt,
                                  UndoBegunAt = adoption.UndoBegunAt,
                                  EndedAt = adoption.EndedAt,
                              },
                              IsInTrash = db.Set<TrashedTenant>().Any(d => d.Id == t.Id),
                              EverInProduction = OwnDatabases.Of(db).Where(d => d.TenantId == t.Id)
                                  .Select(d => (bool?)d.EverInProduction).FirstOrDefault(),
                          }).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return [.. rows.Select(r =>
        {
            var url = r.Row.Subdomain is { } name ? urls.Of(name) : null;
            var stage = r.Adoption?.StageAt(now) ?? AdoptionStage.None;
            var view = new TenantView(r.Row, default, url, r.Made ? r.Database : null)
            {
                Adoption = r.Adoption, AdoptionStage = stage,
                Isolation = r.Isolation, ContentAt = r.ContentAt,
                IsReclaimable = r.Row.State == TenantState.Unmanaged
                    && r.Made && r.Database is not { IsPresent: false }
                    && stage is not (AdoptionStage.Begun or AdoptionStage.Undoing),
                HasProductionDuty = ProductionDuty.Applies(r.Row, r.EverInProduction), IsBeingRestored = r.IsInTrash,
            };
            return view with { Status = TenantStatuses.Of(r.Row, view.Condition, now) };
        })];
    }
}
