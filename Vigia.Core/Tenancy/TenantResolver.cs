using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Decides which tenant a request is for: by the header X-Tenant, the claim of its token, and its host under
/// SAAS_BASE_DOMAIN, in this order. All that say something must agree. Where nothing says anything, the only tenant of
/// an installation without a registry is meant. See docs/rules.md#tenant-resolution.
/// </summary>
/// <remarks>It allocates nothing and asks no database. Usable without HTTP.</remarks>
public sealed class TenantResolver(TenantCatalog catalog, TenantUrls urls, TimeProvider time)
{
    private readonly string _suffix = $".{urls.BaseDomain}";

    /// <summary>The domain under which a host names a tenant.</summary>
    internal string BaseDomain => _suffix[1..];

    /// <summary>Resolves what the request says.</summary>
    public TenantResolution Resolve(in TenantClues clues)
    {
        if (clues.Header is { } header && !IsName(header))
        {
            return new(null, TenantRefusal.HeaderInvalid, TenantStrategy.Header);
        }

        var host = NameIn(clues.Host);
        var strategy = clues.Header is not null ? TenantStrategy.Header
            : clues.Claim is not null ? TenantStrategy.Claim
            : !host.IsEmpty ? TenantStrategy.Host : TenantStrategy.None;
        if (strategy == TenantStrategy.None)
        {
            return catalog.Only is { } only ? new(only, only.RefusalNow(time), TenantStrategy.Legacy)
                : new(null, TenantRefusal.Required, strategy);
        }

        var text = clues.Header ?? clues.Claim;
        var name = text is null ? host : text;
        var (entry, isFormer) = text is null ? catalog.Find(host, time) : catalog.Find(text, time);
        if ((clues.Claim is not null && !AreSame(name, entry, clues.Claim, ref isFormer))
            || (!host.IsEmpty && !AreSame(name, entry, host, ref isFormer)))
        {
            return new(null, TenantRefusal.Mismatch, strategy);
        }

        return entry is null
            ? new(null, catalog.IsCurrent ? TenantRefusal.Unknown : TenantRefusal.RegistryUnavailable, strategy)
            : new(entry, isFormer ? TenantRefusal.Renamed : entry.RefusalNow(time), strategy);
    }

    /// <summary>The tenant that has this name, or had it and still has it as an alias.</summary>
    internal TenantEntry? OwnerOf(string name) => catalog.Find(name, time).Entry;

    /// <summary>
    /// The sub-domain in a host under the base domain. Empty for every other host, and for reserved names such as
    /// <c>www</c>, unless a registry that was taken over has a tenant of that name.
    /// </summary>
    internal ReadOnlySpan<char> NameIn(string? host)
    {
        var name = host.AsSpan();
        if (name.LastIndexOf(':') is >= 0 and var colon && !name.EndsWith("]"))
        {
            name = name[..colon];
        }

        name = name.TrimEnd('.');
        if (!name.EndsWith(_suffix, StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        name = name[..^_suffix.Length];
        return Subdomain.IsReserved(name) && catalog.Find(name, time).Entry is null ? default : name;
    }

    // The columns of the product allow more than our rules for new sub-domains.
    internal static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > TenantCatalog.LongestName)
        {
            return false;
        }

        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
            {
                return false;
            }
        }

        return true;
    }

    // Two rows of a registry that was taken over may differ in case only. So what counts is the tenant that is found.
    // The entry itself may be replaced between two look-ups.
    private bool AreSame(ReadOnlySpan<char> name, TenantEntry? entry, ReadOnlySpan<char> other, ref bool isFormer)
    {
        if (name.SequenceEqual(other))
        {
            return true;
        }

        var found = catalog.Find(other, time);
        isFormer |= found.IsAlias;
        return found.Entry is { } tenant ? tenant.Id == entry?.Id
            : entry is null && name.Equals(other, StringComparison.OrdinalIgnoreCase);
    }
}
