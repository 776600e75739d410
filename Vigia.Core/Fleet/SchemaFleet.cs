using Microsoft.EntityFrameworkCore;
using Vigia.Core.Databases;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.TenantDatabase;
using Vigia.Core.Tenants;
using Vigia.Core.Text;

namespace Vigia.Core.Fleet;

/// <summary>The clients' databases and how their schemas stand to this build's.</summary>
public sealed class SchemaFleet(IDbContextFactory<MasterContext> contexts)
{
    /// <summary>The schema version of this build.</summary>
    public static int Head => TenantSchema.HeadVersion;

    /// <summary>All of them in numbers.</summary>
    public async Task<SchemaFigures> CountAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var versions = await db.Tenants.Where(t => t.SchemaVersion != null && t.State != TenantState.Unmanaged).GroupBy(t => t.SchemaVersion!.Value).Select(g => new { Version = g.Key, Count = g.Count() }).OrderByDescending(g => g.Version).ToListAsync(cancellationToken);
        var upgrade = await db.Operations.Where(o => o.Kind == MigrateTenants.KindName && (o.State == OperationState.Queued || o.State == OperationState.Running
            || o.State == OperationState.Waiting || o.State == OperationState.Cancelling)).Select(o => (Guid?)o.Id).FirstOrDefaultAsync(cancellationToken);
        return new SchemaFigures(
            Head, versions.Sum(v => v.Count), versions.Where(v => v.Version < Head).Sum(v => v.Count), versions.Where(v => v.Version > Head).Sum(v => v.Count),
            [.. versions.Select(v => KeyValuePair.Create(v.Version, v.Count))], upgrade);
    }

    /// <summary>A page of them: oldest schema first, then by the client's name.</summary>
    public async Task<DatabasePage> ListAsync(Actor actor, SchemaQuery query, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var (size, page) = (Math.Clamp(query.PageSize, 1, TenantSearch.MaxPageSize), Math.Max(1, query.Page));
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
        var rows = await found.OrderBy(m => m.Version).ThenBy(m => EF.Functions.Collate(m.Tenant.LegalName!, TenantSearch.Collation)).ThenBy(m => m.Tenant.Id)
            .Skip((int)Math.Min((page - 1L) * size, int.MaxValue)).Take(size).ToListAsync(cancellationToken);
        return new DatabasePage([.. rows.Select(Row)], total, page, size);
    }

    /// <summary>These clients' databases, by client; those that have none, or lie in the trash, are missing.</summary>
    public async Task<IReadOnlyDictionary<int, DatabaseRow>> FindAsync(Actor actor, IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return (await Made(db).Where(m => ids.Contains(m.Tenant.Id)).ToListAsync(cancellationToken)).ToDictionary(m => m.Tenant.Id, Row);
    }

    // A database that is still being made has no version yet and is not one of them.
    private static IQueryable<MadeDatabase> Made(MasterContext db, string? text = null) =>
        from tenant in TenantSearch.Match(db.Tenants.AsNoTracking(), text)
        join database in db.Databases.AsNoTracking() on (int?)tenant.Id equals database.TenantId
        where database.Kind == DatabaseKind.Tenant && tenant.SchemaVersion != null
        select new MadeDatabase { Tenant = tenant, Database = database, Version = tenant.SchemaVersion!.Value };

    private static DatabaseRow Row(MadeDatabase made)
    {
        var (tenant, database) = (made.Tenant, made.Database);
        var standing = made.Version < Head ? SchemaStanding.Behind : made.Version > Head ? SchemaStanding.Newer : SchemaStanding.Current;
        return new DatabaseRow(
            tenant.Id, tenant.LegalName, tenant.Ruc, tenant.Subdomain, database.Name, made.Version, standing,
            standing == SchemaStanding.Behind ? SchemaRules.WhyNot(tenant.State, trashed: false) : null,
            tenant.LimitsAppliedRevision >= tenant.LimitsRevision, database.SchemaChangedAt ?? database.CreatedAt);
    }

    private sealed class MadeDatabase
    {
        public required Tenant Tenant { get; init; }

        public required ManagedDatabase Database { get; init; }

        public required int Version { get; init; }
    }
}
