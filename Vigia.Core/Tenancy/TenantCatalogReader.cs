using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenancy;

/// <summary>Reads the entries of the catalogue from the registry.</summary>
internal sealed class TenantCatalogReader(IDbContextFactory<MasterContext> contexts, TimeProvider time)
{
    /// <summary>Reads all tenants that have a sub-domain.</summary>
    public Task<List<TenantEntry>> ReadAllAsync(CancellationToken cancellationToken) =>
        ReadAsync(tenants => tenants, cancellationToken);

    /// <summary>Reads these tenants. Those that the registry does not hold any more are left out.</summary>
    public Task<List<TenantEntry>> ReadAsync(IReadOnlyCollection<int> ids, CancellationToken cancellationToken) =>
        ReadAsync(tenants => tenants.Where(t => ids.Contains(t.Id)), cancellationToken);

    /// <summary>Reads the former names of all tenants, or of these, also those that have ended.</summary>
    public async Task<List<TenantAlias>> ReadAliasesAsync(
        IReadOnlyCollection<int>? ids, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var aliases = db.Set<TenantAlias>().AsNoTracking();
        return await (ids is null ? aliases : aliases.Where(a => ids.Contains(a.TenantId)))
            .ToListAsync(cancellationToken);
    }

    private async Task<List<TenantEntry>> ReadAsync(
        Func<IQueryable<Tenant>, IQueryable<Tenant>> some, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = from tenant in some(db.Set<Tenant>()).Where(t => t.Subdomain != null)
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
                       ReadAt = now,
                       Database = observed == null ? DatabaseCondition.Usable
                           : !observed.IsPresent ? DatabaseCondition.Missing
                           : observed.Refusal != null ? DatabaseCondition.Unreachable : DatabaseCondition.Usable,
                   };
        return await rows.AsNoTracking().ToListAsync(cancellationToken);
    }
}
