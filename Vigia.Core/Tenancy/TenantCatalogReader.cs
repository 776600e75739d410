using System.Data;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenancy;

/// <summary>Reads the entries of the catalogue from the registry.</summary>
internal sealed class TenantCatalogReader(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    /// <summary>Reads these tenants. Those that the registry does not hold any more are left out.</summary>
    public async Task<List<TenantEntry>> ReadAsync(IReadOnlyCollection<int> ids, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await ReadAsync(db, db.Set<Tenant>().Where(t => ids.Contains(t.Id)), cancellationToken);
    }

    /// <summary>
    /// Reads all tenants that have a sub-domain, or the given ones, with their current aliases. All rows are of one
    /// moment, so a name that is being changed is in one of the two tables.
    /// </summary>
    public async Task<(List<TenantEntry> Entries, List<TenantAlias> Aliases)> ReadWithAliasesAsync(
        IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(
            IsolationLevel.RepeatableRead, cancellationToken);
        var tenants = db.Set<Tenant>().AsQueryable();
        var aliases = db.Set<TenantAlias>().AsNoTracking().Where(a => a.EndsAt > now);
        return (
            await ReadAsync(db, ids is null ? tenants : tenants.Where(t => ids.Contains(t.Id)), cancellationToken),
            await (ids is null ? aliases : aliases.Where(a => ids.Contains(a.TenantId)))
                .ToListAsync(cancellationToken));
    }

    /// <summary>Finds the tenants that have one of these names now, or had it and still have it as an alias.</summary>
    public async Task<List<int>> IdsOfAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<Tenant>().Where(t => names.Contains(t.Subdomain)).Select(t => t.Id)
            .Union(db.Set<TenantAlias>().Where(a => names.Contains(a.Name) && a.EndsAt > now).Select(a => a.TenantId))
            .ToListAsync(cancellationToken);
    }

    private async Task<List<TenantEntry>> ReadAsync(
        MasterContext db, IQueryable<Tenant> tenants, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var rows = from tenant in tenants.Where(t => t.Subdomain != null)
                   join own in OwnDatabases.Of(db) on tenant.Id equals own.TenantId into owns
                   from database in owns.DefaultIfEmpty()
                   join current in db.Set<TenantCredential>().Where(c => c.IsCurrent)
                       on database.Id equals current.DatabaseId into currents
                   from credential in currents.DefaultIfEmpty()
                   join seen in db.Set<ObservedDatabase>()
                       on new { database.ServerId, database.Name } equals new { seen.ServerId, seen.Name } into seens
                   from observed in seens.DefaultIfEmpty()
                   select new TenantEntry
                   {
                       Id = tenant.Id,
                       Subdomain = tenant.Subdomain!,
                       DatabaseName = tenant.DatabaseName,
                       ServerId = tenant.ServerId ?? ServerConnections.MasterServerId,
                       DatabaseId = database == null ? Guid.Empty : database.Id,
                       CredentialId = credential == null ? Guid.Empty : credential.Id,
                       State = tenant.State,
                       IsActive = tenant.IsActive,
                       ExpiresAt = tenant.ExpiresAt,
                       TokensValidAfter = tenant.TokensValidAfter,
                       RegisteredAt = tenant.CreatedAt,
                       ReadAt = now,
                       Database = observed == null ? DatabaseCondition.Usable
                           : !observed.IsPresent ? DatabaseCondition.Missing
                           : observed.Refusal != null ? DatabaseCondition.Unreachable : DatabaseCondition.Usable,
                   };
        return await rows.AsNoTracking().ToListAsync(cancellationToken);
    }
}
