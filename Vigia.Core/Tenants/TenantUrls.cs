namespace Vigia.Core.Tenants;

/// <summary>Where a tenant's users sign in.</summary>
/// <param name="BaseDomain">SAAS_BASE_DOMAIN, without a dot in front.</param>
public sealed record TenantUrls(string BaseDomain)
{
    /// <summary>The tenant's address, without a slash at the end.</summary>
    public string Of(string subdomain) => $"https://{subdomain}.{BaseDomain}";
}
