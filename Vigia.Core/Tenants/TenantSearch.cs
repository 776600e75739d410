using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Deletion;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>Reads the registry. A page of the list is two statements; text search is indexed from three characters on.</summary>
public sealed class TenantSearch(IDbContextFactory<MasterContext> contexts, TenantUrls urls, TimeProvider time)
{
    public const int MaxPageSize = 200;

    /// <summary>Spanish order whatever the cluster's locale (Álamo, Norte, Ñandú, Zeta).</summary>
    public const string Collation = "es-PE-x-icu";

    /// <summary>A page of clients; an exact RUC or sub-domain comes first.</summary>
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
        var items = await ReadAsync(db, Sort(tenants, query).Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size), cancellationToken);
        return new TenantPage(items, total, page, size);
    }

    /// <summary>Clients to jump to by text, wherever they are: in the registry, withdrawn ones too, and in the trash.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="text">Anywhere in RUC, legal name, sub-domain or e-mail.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>An exact RUC or sub-domain first; what lies in the trash last.</returns>
    public async Task<IReadOnlyList<TenantHit>> FindAnywhereAsync(Actor actor, string text, int most, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var query = new TenantQuery { Q = text };
        if (IsUnsearchable(query))
        {
            return [];
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = await ReadAsync(db, Sort(Match(db.Tenants.AsNoTracking(), text), query).Take(most), cancellationToken);
        var trashed = await Match(db.Trash.AsNoTracking(), text)
            .OrderBy(t => EF.Functions.Collate(t.LegalName, Collation)).Take(most - found.Count)
            .Select(t => new TenantHit(t.Id, t.LegalName, t.Ruc, t.Subdomain, TenantStatus.Trashed)).ToListAsync(cancellationToken);
        return [.. found.Select(v => new TenantHit(v.Id, v.Row.LegalName, v.Row.Ruc, v.Row.Subdomain, v.Row.InactiveKind == InactiveKind.Withdrawn ? TenantStatus.Withdrawn : v.Status)), .. trashed];
    }

    /// <summary>The ids of all clients that match, whatever the page.</summary>
    public async Task<IReadOnlyList<int>> FindIdsAsync(Actor actor, TenantQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        if (IsUnsearchable(query))
        {
            return [];
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await Filter(db, query).Select(t => t.Id).ToListAsync(cancellationToken);
    }

    /// <summary>One client, also when it lies in the trash, and what is known of one that was destroyed.</summary>
    /// <exception cref="NotFoundException"><c>tenant_unknown</c>.</exception>
    public async Task<TenantLookup> GetAsync(Actor actor, int id, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var view = (await ReadAsync(db, db.Tenants.AsNoTracking().Where(t => t.Id == id), cancellationToken)).SingleOrDefault();
        var trashed = view is null ? await db.Trash.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id, cancellationToken) : null;
        var purged = view is null && trashed is null ? await PurgedAsync(db, id, cancellationToken) ?? throw new NotFoundException("tenant_unknown") : null;
        return new TenantLookup(view, trashed, purged);
    }

    /// <summary>These clients as they are now, by id; those that are gone are missing.</summary>
    public async Task<IReadOnlyDictionary<int, TenantView>> FindAsync(Actor actor, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return (await ReadAsync(db, db.Tenants.AsNoTracking().Where(t => ids.Contains(t.Id)), cancellationToken)).ToDictionary(v => v.Id);
    }

    /// <summary>Who has these names already, if anybody. Malformed ones are free of holders; their form is another question.</summary>
    public async Task<TenantAvailability> CheckAsync(Actor actor, string? ruc, string? subdomain, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var digits = Ruc.Problem(ruc) is null ? Ruc.Normalize(ruc) : null;
        var name = SafeText.Problem(subdomain) is null ? subdomain?.Trim() : null;
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var holders = await ReadAsync(
            db, db.Tenants.AsNoTracking().Where(t => (digits != null && t.Ruc == digits) || (name != null && t.Subdomain == name)), cancellationToken);
        var holder = holders.FirstOrDefault(h => name is not null && h.Row.Subdomain == name);
        var isDatabaseTaken = holder is null && Subdomain.Problem(name) is null && await db.ServerDatabases.AnyAsync(d => d.Name == DatabaseName.Prefix + name, cancellationToken);
        return new TenantAvailability(holders.FirstOrDefault(h => digits is not null && h.Row.Ruc == digits), holder, isDatabaseTaken);
    }

    /// <summary>How many match, in the caller's transaction.</summary>
    internal Task<int> CountAsync(MasterContext db, TenantQuery query, CancellationToken cancellationToken) =>
        IsUnsearchable(query) ? Task.FromResult(0) : Filter(db, query).CountAsync(cancellationToken);

    /// <summary>All that match, in the list's order, one at a time; sizes are not asked for.</summary>
    internal IAsyncEnumerable<ExportedTenant> StreamAsync(MasterContext db, TenantQuery query, DateTimeOffset now) => IsUnsearchable(query)
        ? AsyncEnumerable.Empty<ExportedTenant>()
        : Sort(Filter(db, query), query)
            .Select(t => new { Row = t, Exists = t.State != TenantState.Ready || db.ServerDatabases.Any(d => d.Name == t.DatabaseName) })
            .AsAsyncEnumerable().Select(t => new ExportedTenant(t.Row, TenantStatus.Of(t.Row, t.Exists, now)));

    private static async Task<PurgedTenant?> PurgedAsync(MasterContext db, int id, CancellationToken cancellationToken)
    {
        var record = await db.AuditEvents.AsNoTracking().Where(e => e.TenantId == id && e.Action == "tenant.purged").OrderByDescending(e => e.Seq).FirstOrDefaultAsync(cancellationToken);
        if (record is null)
        {
            return null;
        }

        using var before = JsonDocument.Parse(record.Before ?? "{}");
        var name = before.RootElement.TryGetProperty("razon_social", out var text) ? text.GetString() : null;
        return new PurgedTenant(id, name, record.Ruc, record.Subdomain, record.At, record.ActorName, record.Reason);
    }

    // No client has such a text, and PostgreSQL would refuse to look for it.
    private static bool IsUnsearchable(TenantQuery query) => new[] { query.Q, query.Plan, query.Environment }.Any(text => SafeText.Problem(text) is not null);

    private IQueryable<Tenant> Filter(MasterContext db, TenantQuery query)
    {
        var tenants = db.Tenants.AsNoTracking();
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
            TenantStatus.DatabaseMissing => tenants.Where(t => t.State == TenantState.Ready && !db.ServerDatabases.Any(d => d.Name == t.DatabaseName)),
            TenantStatus.Active or TenantStatus.Inactive or TenantStatus.Expired => TenantStatus.Filter(tenants, query.Status, time.GetUtcNow())
                .Where(t => t.State != TenantState.Ready || db.ServerDatabases.Any(d => d.Name == t.DatabaseName)),
            var status => TenantStatus.Filter(tenants, status, time.GetUtcNow()),
        };
        return Match(tenants, query.Q);
    }

    internal static IQueryable<Tenant> Match(IQueryable<Tenant> tenants, string? text) => Patterns(text).Aggregate(
        tenants, (all, pattern) => all.Where(t => EF.Functions.Like(MasterContext.SearchText(t.Ruc, t.LegalName, t.Subdomain, t.AccessEmail), pattern, "\\")));

    internal static IQueryable<TrashedTenant> Match(IQueryable<TrashedTenant> trash, string? text) => Patterns(text).Aggregate(
        trash, (all, pattern) => all.Where(t => EF.Functions.Like(MasterContext.SearchText(t.Ruc, t.LegalName, t.Subdomain, null), pattern, "\\")));

    private static IEnumerable<string> Patterns(string? text) =>
        from word in SafeText.Fold(text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(10)
        select "%" + word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";

    private static IOrderedQueryable<Tenant> Sort(IQueryable<Tenant> tenants, TenantQuery query)
    {
        var exact = query.Q?.Trim();
        var first = string.IsNullOrEmpty(exact) ? null : tenants.OrderByDescending(t => t.Ruc == exact || t.Subdomain == exact);
        IOrderedQueryable<Tenant> By<TKey>(System.Linq.Expressions.Expression<Func<Tenant, TKey>> key) => (first, query.Descending) switch
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
            _ => By(t => EF.Functions.Collate(t.LegalName!, Collation)),
        };
        return query.Descending ? sorted.ThenByDescending(t => t.Id) : sorted.ThenBy(t => t.Id);
    }

    private async Task<List<TenantView>> ReadAsync(MasterContext db, IQueryable<Tenant> tenants, CancellationToken cancellationToken)
    {
        // The size is asked only of databases that are there; the function throws for others.
        var rows = await tenants.Select(t => new
        {
            Row = t,
            Size = db.ServerDatabases.Where(d => d.Name == t.DatabaseName && t.State == TenantState.Ready).Select(d => (long?)MasterContext.DatabaseSize(d.Name)).FirstOrDefault(),
            Isolation = db.IsolationProofs.Where(p => p.TenantId == t.Id && p.IsLast).Select(p => (Isolation.IsolationVerdict?)p.Verdict).FirstOrDefault(),
        }).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return [.. rows.Select(r => new TenantView(r.Row, TenantStatus.Of(r.Row, r.Size is not null, now), r.Row.Subdomain is { } name ? urls.Of(name) : null, r.Size) { Isolation = r.Isolation })];
    }
}
