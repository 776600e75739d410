using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenancy;

/// <summary>
/// All tenants by sub-domain, in memory. A look-up takes no lock, allocates nothing and asks no database.
/// <see cref="TenantCatalogWorker"/> keeps it current.
/// State of the process: the entries, whether they are current, and how often names were removed.
/// </summary>
/// <remarks>The only tenant of an installation without a registry is always in it.</remarks>
public sealed class TenantCatalog
{
    // PostgreSQL's names and the product's column hold no longer sub-domain.
    internal const int LongestName = 63;

    private readonly ConcurrentDictionary<string, TenantEntry> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TenantEntry>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly ConcurrentDictionary<string, AliasEntry> _byAlias = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AliasEntry>.AlternateLookup<ReadOnlySpan<char>> _byAliasSpan;
    private readonly Dictionary<int, TenantEntry> _byId = [];
    private readonly Dictionary<int, HashSet<string>> _aliasesOf = [];
    private readonly HashSet<int> _withCapitals = [];
    private readonly Lock _writing = new();

    // The names with capitals by their lower case, unless that is the name of another tenant. Replaced as a whole, and
    // nearly always empty: only a registry that was taken over has such names.
    private volatile Dictionary<string, TenantEntry> _byLowered = [];
    private readonly TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isCurrent;
    private int _removals;

    /// <param name="only">The only tenant; null where there is a registry. See <see cref="LegacyTenant"/>.</param>
    public TenantCatalog(TenantEntry? only = null)
    {
        _bySpan = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        _byAliasSpan = _byAlias.GetAlternateLookup<ReadOnlySpan<char>>();
        Only = only;
        if (only is not null)
        {
            _byName[only.Subdomain] = only;
        }
    }

    /// <summary>The tenant of requests that name none. Null where there is a registry.</summary>
    public TenantEntry? Only { get; }

    /// <summary>
    /// Whether a name that is not here is taken by no tenant: the registry was read, and changes of it arrive.
    /// </summary>
    public bool IsCurrent => _isCurrent;

    /// <summary>Completes when the registry was read for the first time.</summary>
    public Task Filled => _filled.Task;

    /// <summary>How many tenants it holds.</summary>
    public int Count
    {
        get
        {
            lock (_writing)
            {
                return _byId.Count + (Only is null ? 0 : 1);
            }
        }
    }

    /// <summary>
    /// Finds a tenant by its sub-domain. Upper case is tried as it is, and then as lower case, because a registry that
    /// was taken over may hold either.
    /// </summary>
    public bool TryFind(string name, [NotNullWhen(true)] out TenantEntry? entry) =>
        _byName.TryGetValue(name, out entry) || TryFindInLowerCase(name, out entry);

    /// <inheritdoc cref="TryFind(string, out TenantEntry?)"/>
    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out TenantEntry? entry) =>
        _bySpan.TryGetValue(name, out entry) || TryFindInLowerCase(name, out entry);

    /// <summary>
    /// Finds a tenant by its sub-domain, or by a former one that is still an alias. The exact name comes before its
    /// lower case, and a tenant's own name before an alias. A tenant whose name has capitals is also found by the lower
    /// case, unless that is another tenant's name.
    /// </summary>
    internal FoundTenant Find(string name, TimeProvider time) =>
        _byName.TryGetValue(name, out var entry) ? new(entry, IsAlias: false) : Find(name.AsSpan(), time);

    /// <inheritdoc cref="Find(string, TimeProvider)"/>
    internal FoundTenant Find(ReadOnlySpan<char> name, TimeProvider time)
    {
        while (true)
        {
            // A name may move from one table to the other between two look-ups. So both are searched again.
            var removals = Volatile.Read(ref _removals);
            var found = FindOnce(name, time);
            if (found.Entry is not null || removals == Volatile.Read(ref _removals))
            {
                return found;
            }
        }
    }

    private FoundTenant FindOnce(ReadOnlySpan<char> name, TimeProvider time)
    {
        if (_bySpan.TryGetValue(name, out var entry))
        {
            return new(entry, IsAlias: false);
        }

        if (FindAlias(name, time) is { } aliased)
        {
            return new(aliased, IsAlias: true);
        }

        if (TryFindInLowerCase(name, out entry))
        {
            return new(entry, IsAlias: false);
        }

        if (name.Length > LongestName)
        {
            return default;
        }

        Span<char> buffer = stackalloc char[LongestName];
        var lower = buffer[..name.ToLowerInvariant(buffer)];
        if (FindAlias(lower, time) is { } former)
        {
            return new(former, IsAlias: true);
        }

        // A browser writes each host in lower case.
        _byLowered.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(lower, out entry);
        return new(entry, IsAlias: false);
    }

    private TenantEntry? FindAlias(ReadOnlySpan<char> name, TimeProvider time) =>
        _byAliasSpan.TryGetValue(name, out var alias) && time.GetUtcNow() < alias.EndsAt ? alias.Tenant : null;

    private bool TryFindInLowerCase(ReadOnlySpan<char> name, [NotNullWhen(true)] out TenantEntry? entry)
    {
        entry = null;
        if (name.Length > LongestName)
        {
            return false;
        }

        Span<char> lower = stackalloc char[LongestName];
        var length = name.ToLowerInvariant(lower);
        return !name.SequenceEqual(lower[..length]) && _bySpan.TryGetValue(lower[..length], out entry);
    }

    /// <summary>Finds the entry that a tenant has now, under whatever name. Null when it has none any more.</summary>
    internal TenantEntry? CurrentOf(TenantEntry tenant)
    {
        if (_byName.TryGetValue(tenant.Subdomain, out var found) && found.Id == tenant.Id)
        {
            return found;
        }

        lock (_writing)
        {
            return _byId.GetValueOrDefault(tenant.Id);
        }
    }

    /// <summary>Replaces everything with what was just read.</summary>
    internal void Fill(IReadOnlyCollection<TenantEntry> entries, IReadOnlyCollection<TenantAlias>? aliases = null)
    {
        lock (_writing)
        {
            Put([.. _byId.Keys], entries, aliases ?? []);
            _isCurrent = true;
        }

        _filled.TrySetResult();
    }

    /// <summary>Replaces the entries of these tenants. Those without a new entry are gone.</summary>
    internal void Replace(
        IReadOnlyCollection<int> ids, IReadOnlyCollection<TenantEntry> entries,
        IReadOnlyCollection<TenantAlias>? aliases = null)
    {
        lock (_writing)
        {
            Put(ids, entries, aliases ?? []);
        }
    }

    /// <summary>Changes of the registry do not arrive. The entries that are here stay in use.</summary>
    internal void MarkStale() => _isCurrent = false;

    // The present names and aliases are added before old ones are removed. So a tenant that is being renamed can be
    // found by both names at every moment. An old name that another tenant has got is not removed.
    private void Put(
        IReadOnlyCollection<int> ids, IReadOnlyCollection<TenantEntry> entries,
        IReadOnlyCollection<TenantAlias> aliases)
    {
        if (Only is not null)
        {
            // Somebody may have written a row of this name with psql.
            entries = [.. entries.Where(entry => entry.Subdomain != Only.Subdomain)];
        }

        var present = new Dictionary<int, TenantEntry>(entries.Count);
        foreach (var entry in entries)
        {
            present[entry.Id] = entry;
            _byName[entry.Subdomain] = entry;
        }

        var names = AddAliases(present, aliases);
        Interlocked.Increment(ref _removals);
        foreach (var entry in entries)
        {
            RemoveOldName(entry.Id, entry.Subdomain);
            _byId[entry.Id] = entry;
        }

        foreach (var id in ids.Where(id => !present.ContainsKey(id)))
        {
            RemoveOldName(id, null);
            _byId.Remove(id);
        }

        foreach (var id in present.Keys.Union(ids))
        {
            KeepAliases(id, names.GetValueOrDefault(id));
        }

        KeepCapitals(ids, entries);
    }

    private void KeepCapitals(IReadOnlyCollection<int> ids, IReadOnlyCollection<TenantEntry> entries)
    {
        var before = _withCapitals.Count;
        _withCapitals.ExceptWith(ids);
        _withCapitals.ExceptWith(entries.Select(entry => entry.Id));
        var added = entries.Where(entry => entry.Subdomain.Any(char.IsUpper)).Select(entry => entry.Id).ToList();
        if (_withCapitals.Count == before && added.Count == 0)
        {
            return;
        }

        _withCapitals.UnionWith(added);
        _byLowered = _withCapitals.Select(id => _byId[id])
            .GroupBy(entry => entry.Subdomain.ToLowerInvariant(), StringComparer.Ordinal)
            .Where(same => same.Count() == 1)
            .ToDictionary(same => same.Key, same => same.Single(), StringComparer.Ordinal);
    }

    // The alias of a tenant that is not in the registry leads nowhere.
    private Dictionary<int, HashSet<string>> AddAliases(
        Dictionary<int, TenantEntry> present, IReadOnlyCollection<TenantAlias> aliases)
    {
        var names = new Dictionary<int, HashSet<string>>();
        foreach (var alias in aliases)
        {
            if (present.TryGetValue(alias.TenantId, out var entry))
            {
                _byAlias[alias.Name] = new(entry, alias.EndsAt);
                (names.TryGetValue(entry.Id, out var own) ? own : names[entry.Id] = []).Add(alias.Name);
            }
        }

        return names;
    }

    // An alias that another tenant has got meanwhile stays with that tenant.
    private void KeepAliases(int id, HashSet<string>? names)
    {
        if (_aliasesOf.Remove(id, out var former))
        {
            foreach (var name in former)
            {
                if (names?.Contains(name) != true && _byAlias.TryGetValue(name, out var alias) && alias.Tenant.Id == id)
                {
                    _byAlias.TryRemove(KeyValuePair.Create(name, alias));
                }
            }
        }

        if (names is not null)
        {
            _aliasesOf[id] = names;
        }
    }

    private void RemoveOldName(int id, string? name)
    {
        if (_byId.TryGetValue(id, out var old) && old.Subdomain != name)
        {
            _byName.TryRemove(KeyValuePair.Create(old.Subdomain, old));
        }
    }
}

/// <summary>The result of looking a name up.</summary>
/// <param name="Entry">The tenant; null when nobody has the name.</param>
/// <param name="IsAlias">Whether the name is a former one of that tenant.</param>
internal readonly record struct FoundTenant(TenantEntry? Entry, bool IsAlias);

/// <summary>A former name of a tenant.</summary>
internal sealed record AliasEntry(TenantEntry Tenant, DateTimeOffset EndsAt);
