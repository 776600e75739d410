using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>Reads the schema versions of the tenant databases and compares them with this build's.</summary>
public sealed class SchemaOverview(IDbContextFactory<MasterContext> contexts, TenantSchemaVersions versions)
{
    private const int MostNamed = 5;

    /// <summary>The schema version of this build.</summary>
    public int Head => versions.Head;

    /// <summary>
    /// Counts the tenant databases by version: those that <see cref="ListAsync"/> lists. A database that is not on the
    /// server, or that the portal does not manage, has no version that counts.
    /// </summary>
    public async Task<SchemaFigures> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var missing = DatabaseConditions.Missing(db);
        var managed = SchemaRules.Managed(db.Set<Tenant>());

        // Few databases are missing, so they are subtracted. To look for each of all would take three times as long.
        var counts = await managed.GroupBy(t => t.SchemaVersion!.Value)
            .Select(g => new { Version = g.Key, Count = g.Count() })
            .Concat(managed.Where(t => missing.Contains(t.Id)).GroupBy(t => t.SchemaVersion!.Value)
                .Select(g => new { Version = g.Key, Count = -g.Count() }))
            .ToListAsync(cancellationToken);
        var versions = counts.GroupBy(c => c.Version)
            .Select(g => (Version: g.Key, Count: g.Sum(c => c.Count))).Where(v => v.Count > 0)
            .OrderByDescending(v => v.Version).ToList();
        var upgrade = await db.Set<Operation>()
            .Where(o => o.Kind == MigrateTenants.KindName
            && (o.State == OperationState.Queued || o.State == OperationState.Running
            || o.State == OperationState.Waiting || o.State == OperationState.Cancelling)).Select(o => (Guid?)o.Id)
                .FirstOrDefaultAsync(cancellationToken);
        var gone = await managed.Where(t => missing.Contains(t.Id))
            .OrderBy(t => t.Id).Take(MostNamed + 1).Select(t => new { t.Id, t.LegalName, t.Subdomain })
            .ToListAsync(cancellationToken);
        return new SchemaFigures(
            Head, versions.Sum(v => v.Count), versions.Where(v => v.Version < Head).Sum(v => v.Count),
            versions.Where(v => v.Version > Head).Sum(v => v.Count),
            [.. versions.Select(v => KeyValuePair.Create(v.Version, v.Count))], upgrade)
        {
            Gone = [.. gone.Take(MostNamed).Select(
                t => KeyValuePair.Create(t.Id, TenantNames.Of(t.Id, t.LegalName, t.Subdomain)))],
            HasMoreGone = gone.Count > MostNamed,
        };
    }

    /// <summary>Lists a page of tenant databases, oldest schema first, then by the tenant's name.</summary>
    public async Task<DatabasePage> ListAsync(Actor actor, SchemaQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var (size, page) = (Math.Clamp(query.PageSize, 1, PageSize.Max), query.Page == 0 ? 1 : query.Page);
        if (SafeText.Problem(query.Q) is not null || TenantTextSearch.IsWordless(query.Q))
        {
            return new DatabasePage([], 0, page, size);
        }

        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var found = Made(db, await TenantTextSearch.PrepareAsync(db, query.Q, cancellationToken));
        found = query.Standing switch
        {
            SchemaStanding.Behind => found.Where(m => m.Version < Head),
            SchemaStanding.Newer => found.Where(m => m.Version > Head),
            SchemaStanding.Current => found.Where(m => m.Version == Head),
            _ => found,
        };
        var at = query.Place is { } place
            ? await Made(db).SingleOrDefaultAsync(m => m.Tenant.Id == place.Id, cancellationToken) : null;
        var reading = new ListReading<MadeDatabase, MadeDatabase>(
            span => [.. Parts(found, span.IsForward, span.IsPlaced ? at : null)],
            (part, cancel) => part.ToListAsync(cancel));
        var (slice, total) = await reading.ReadAsync(
            new ListSpan(page, size, at is not null, query.Place?.Before == true),
            cancel => ListTotal.CountAsync(found.Select(m => m.Tenant.Id), cancel), cancellationToken);
        return new DatabasePage([.. slice.Rows.Select(Row)], total.Count, slice.Page, size)
        {
            TotalIsExact = total.IsExact, HasPrevious = slice.HasPrevious, HasNext = slice.HasNext,
        };
    }

    /// <summary>
    /// Returns the databases of these tenants, by tenant. Tenants without a database or in the trash are left out.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, DatabaseRow>> FindAsync(
        Actor actor, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return (await Made(db).Where(m => ids.Contains(m.Tenant.Id)).ToListAsync(cancellationToken))
            .ToDictionary(m => m.Tenant.Id, Row);
    }

    // A database that is still being created has no version yet and does not count. The figures count the same ones.
    private static IQueryable<MadeDatabase> Made(MasterContext db, TenantTextSearch? text = null) =>
        from tenant in SchemaRules.Present(
            db, (text ?? TenantTextSearch.Of(null)).Match(db, db.Set<Tenant>().AsNoTracking()))
        join database in db.Set<ManagedDatabase>().AsNoTracking() on (int?)tenant.Id equals database.TenantId
        where database.Kind == DatabaseKind.Tenant
        select new MadeDatabase { Tenant = tenant, Database = database, Version = tenant.SchemaVersion!.Value };

    // Each part is one range of the index by version and name. Missing names come after all others.
    private static IEnumerable<IQueryable<MadeDatabase>> Parts(
        IQueryable<MadeDatabase> found, bool up, MadeDatabase? at)
    {
        if (at is null)
        {
            return [Sort(found, up)];
        }

        var (id, name, version) = (at.Tenant.Id, at.Tenant.LegalName, at.Version);
        var (same, named) = (found.Where(m => m.Version == version), found.Where(m => m.Version == version));
        same = name is null ? same.Where(m => m.Tenant.LegalName == null)
            : same.Where(m => EF.Functions.Collate(m.Tenant.LegalName!, MasterContext.Collation) == name);
#pragma warning disable CA1309 // The database compares, by its collation.
        named = name is null ? named.Where(m => m.Tenant.LegalName != null && !up)
            : up ? named.Where(m => string.Compare(
                EF.Functions.Collate(m.Tenant.LegalName!, MasterContext.Collation), name) > 0)
            : named.Where(m => string.Compare(
                EF.Functions.Collate(m.Tenant.LegalName!, MasterContext.Collation), name) < 0);
#pragma warning restore CA1309
        var beside = up ? same.Where(m => m.Tenant.Id > id) : same.Where(m => m.Tenant.Id < id);
        var unnamed = found.Where(m => m.Version == version && m.Tenant.LegalName == null && up && name != null);
        var others = up ? found.Where(m => m.Version > version) : found.Where(m => m.Version < version);
        return [Sort(beside, up), Sort(named, up), Sort(unnamed, up), Sort(others, up)];
    }

    private static IQueryable<MadeDatabase> Sort(IQueryable<MadeDatabase> some, bool up) => up
        ? some.OrderBy(m => m.Version)
            .ThenBy(m => EF.Functions.Collate(m.Tenant.LegalName!, MasterContext.Collation)).ThenBy(m => m.Tenant.Id)
        : some.OrderByDescending(m => m.Version)
            .ThenByDescending(m => EF.Functions.Collate(m.Tenant.LegalName!, MasterContext.Collation))
            .ThenByDescending(m => m.Tenant.Id);

    private DatabaseRow Row(MadeDatabase made)
    {
        var (tenant, database) = (made.Tenant, made.Database);
        var standing = made.Version < Head ? SchemaStanding.Behind : made.Version > Head ? SchemaStanding.Newer
            : SchemaStanding.Current;
        return new DatabaseRow(
            tenant.Id, tenant.LegalName, tenant.Ruc, tenant.Subdomain, database.Name, made.Version, standing,
            standing == SchemaStanding.Behind ? SchemaRules.FindRefusal(tenant.State, trashed: false) : null,
            tenant.LimitsAppliedRevision >= tenant.LimitsRevision, database.SchemaChangedAt ?? database.CreatedAt);
    }

    private sealed class MadeDatabase
    {
        public required Tenant Tenant { get; init; }

        public required ManagedDatabase Database { get; init; }

        public required int Version { get; init; }
    }
}
