using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// A former sub-domain of a tenant: an alias, which no other tenant can take while it lasts. See
/// docs/rules.md#identity-mistakes.
/// </summary>
/// <remarks>
/// It stays when its tenant is moved to the trash or destroyed: links and tokens with the name are still out there, and
/// must not lead to another tenant.
/// </remarks>
[VisibleByTenant(nameof(TenantId))]
public sealed class TenantAlias
{
    /// <summary>How long the former name is an alias. It can be given back for as long.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>The former name, as it was written.</summary>
    public required string Name { get; init; }

    public int TenantId { get; init; }

    /// <summary>When the tenant got another name.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>The moment from which the name is free.</summary>
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>The operation that renamed the tenant.</summary>
    public Guid OperationId { get; init; }
}

/// <summary>Finds the tenants that have a sub-domain, or had it and keep it as an alias.</summary>
internal static class SubdomainHolders
{
    /// <summary>
    /// The aliases that end after <paramref name="now"/> and are this name. A host has no case, so an alias from a
    /// registry that was taken over counts in any case.
    /// </summary>
    public static IQueryable<TenantAlias> Aliases(MasterContext db, string subdomain, DateTimeOffset now) =>
        db.Set<TenantAlias>().FromSql(
            $"SELECT * FROM portal.tenant_aliases WHERE lower(name) = lower({subdomain}) AND ends_at > {now}");

    /// <summary>The refusal of a name that <see cref="FindAsync"/> found to be held.</summary>
    public static RuleException Refusal(string holder) =>
        holder.Length == 0 ? new RuleException("subdominio_kept") : new RuleException("subdominio_taken", holder);

    /// <summary>
    /// Finds the legal name of the tenant that has the sub-domain or keeps it as an alias, other than
    /// <paramref name="except"/>.
    /// </summary>
    /// <returns>Null when the name is free; empty when its holder was destroyed.</returns>
    public static async Task<string?> FindAsync(
        MasterContext db, string subdomain, int? except, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var holder = await db.Set<Tenant>().AsNoTracking().Where(t => t.Subdomain == subdomain && t.Id != except)
            .Select(t => t.LegalName ?? "").FirstOrDefaultAsync(cancellationToken);
        return holder ?? await Aliases(db, subdomain, now).AsNoTracking().Where(a => a.TenantId != except)
            .Select(a => db.Set<Tenant>().Where(t => t.Id == a.TenantId).Select(t => t.LegalName).FirstOrDefault()
                ?? db.Set<TrashedTenant>().Where(t => t.Id == a.TenantId).Select(t => t.LegalName).FirstOrDefault()
                ?? "")
            .FirstOrDefaultAsync(cancellationToken);
    }
}

internal sealed class TenantAliasConfiguration : IEntityTypeConfiguration<TenantAlias>
{
    public void Configure(EntityTypeBuilder<TenantAlias> alias)
    {
        alias.ToTable("tenant_aliases");
        alias.HasKey(a => a.Name);
        alias.HasIndex(a => a.TenantId);
    }
}
