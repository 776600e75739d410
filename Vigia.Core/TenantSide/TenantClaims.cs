using Vigia.Core.Tenancy;

namespace Vigia.Core.TenantSide;

/// <summary>The claims in the token of a tenant's user. Its signature and its end were checked.</summary>
/// <param name="UserId">The user's id in the tenant's database.</param>
/// <param name="Tenant">The sub-domain of the tenant.</param>
/// <param name="IssuedAt">When it was issued.</param>
public sealed record TenantClaims(int UserId, string Tenant, DateTimeOffset IssuedAt)
{
    /// <summary>Whether the tenant of the token is known here and still accepts it.</summary>
    public bool IsAlive(TenantResolver resolver) =>
        resolver.OwnerOf(Tenant) is { } tenant && TenantTokens.AreAccepted(this, tenant);
}
