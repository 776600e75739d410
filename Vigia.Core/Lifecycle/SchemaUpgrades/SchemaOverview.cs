using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.TenantSchema;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>Reads the schema versions of the tenant databases and compares them with this build's.</summary>
public sealed class SchemaOverview(IDbContextFactory<MasterContext> contexts, TenantSchemaVersions versions)
{
    /// <summary>The schema version of this build.</summary>
    public int Head => versions.Head;

    /// <summary>Counts all tenant databases by version.</summary>
    public async Task<SchemaFigures> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var versions = await db.Set<Tenant>().Where(t => t.SchemaVersion != null && t.State != TenantState.Unmanaged)
            .GroupBy(t => t.SchemaVersion!.Value).Select(g => new { Version = g.Key, Count = g.Count() })
            .OrderByDescending(g => g.Version).ToListAsync(cancellationToken);
        var upgrade = await db.Set<Operation>()
            .Where(o => o.Kind == MigrateTenants.KindName
            && (o.State == OperationState.Queued || o.State == OperationState.Running
            || o.State == OperationState.Waiting || o.State == OperationState.Cancelling)).Select(o => (Guid?)o.Id)
                .FirstOrDefaultAsync(cancellationToken);
        return new SchemaFigures(
            Head, versions.Sum(v => v.Count), versions.Where(v => v.Version < Head).Sum(v => v.Count),
            versions.Where(v => v.Version > Head).Sum(v => v.Count),
            [.. versions.Select(v => KeyValuePair.Create(v.Version, v.Count))], upgrade);
    }

    /// <summary>Lists a page of tenant databases, oldest schema first, then by the tenant's name.</summary>
    public async Task<DatabasePage> ListAsync(Actor actor, SchemaQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var (size, page) = (Math.Clamp(query.PageSize, 1, PageSize.Max), Math.Max(1, query.Page));
        if (SafeText.Problem(query.Q) is not null)
        {
            return new DatabasePage([], 0, page, size);
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var found = Made(db, query.Q);
        found = query.Standing switch
        {
            SchemaStanding.Behind => found.Where(m => m.Version < Head),
            SchemaStanding.Newer => found.Where(m => m.Version > Head),
            SchemaStanding.Current => found.Where(m => m.Version == Head),
            _ => found,
        };
        var total = await found.CountAsync(cancellationToken);
        var rows = await found.OrderBy(m => m.Version)
            .ThenBy(m => EF.Functions.Collate(m.Tenant.LegalName!, MasterContext.Collation)).ThenBy(m => m.Tenant.Id)
            .Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size).ToListAsync(cancellationToken);
        return new DatabasePage([.. rows.Select(Row)], total, page, size);
    }

    /// <summary>
    /// Returns the databases of these tenants, by tenant. Tenants without a database or in the trash are left out.
    /// </summary>
    public async Task<IReadOnlyDictionary<int,
    DatabaseRow>> FindAsync(Actor actor, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return (await Made(db).Where(m => ids.Contains(m.Tenant.Id)).ToListAsync(cancellationToken))
            .ToDictionary(m => m.Tenant.Id, Row);
    }

    // A database that is still being created has no version yet and does not count.
    private static IQueryable<MadeDatabase> Made(MasterContext db, string? text = null) =>
        from tenant in TenantTextSearch.Match(db, db.Set<Tenant>().AsNoTracking(), text)
        join database in db.Set<ManagedDatabase>().AsNoTracking() on (int?)tenant.Id equals database.TenantId
        where database.Kind == DatabaseKind.Tenant && tenant.SchemaVersion != null
        select new MadeDatabase { Tenant = tenant, Database = database, Version = tenant.SchemaVersion!.Value };

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
