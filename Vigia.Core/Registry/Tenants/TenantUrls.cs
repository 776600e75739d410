namespace Vigia.Core.Registry.Tenants;

/// <summary>The addresses at which the users of tenants sign in.</summary>
/// <param name="BaseDomain">SAAS_BASE_DOMAIN, without a leading dot.</param>
public sealed record TenantUrls(string BaseDomain)
{
    /// <summary>The address of a tenant, without a trailing slash.</summary>
    public string Of(string subdomain) => $"https://{subdomain}.{BaseDomain}";
}
