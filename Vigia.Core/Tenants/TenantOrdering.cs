using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// Sorts the list of tenants in consecutive parts. An exact RUC or sub-domain is a part of its own, because a list that
/// is sorted by "exact or not" first can't be read in the order of an index. After a place, equal values, later ones
/// and missing ones are parts of their own: each is one range of an index.
/// </summary>
internal static class TenantOrdering
{
    /// <summary>The parts of the list in the direction of the span.</summary>
    /// <param name="tenants">The matching tenants.</param>
    /// <param name="query">The order, and the text that may be a RUC or sub-domain.</param>
    /// <param name="span">The direction.</param>
    /// <param name="at">The tenant beside which the list is read; null for the whole list.</param>
    public static IReadOnlyList<IQueryable<Tenant>> Parts(
        IQueryable<Tenant> tenants, TenantQuery query, ListSpan span, Tenant? at)
    {
        // Whether values ascend in the direction of reading.
        var up = query.Descending != span.IsForward;
        if (query.Q?.Trim() is not { Length: > 0 } exact)
        {
            return [.. Sorted(tenants, query, up, at)];
        }

        var others = Sorted(tenants.Where(t => t.Ruc != exact && t.Subdomain != exact), query, up, at);
        var exacts = Sorted(tenants.Where(t => t.Ruc == exact || t.Subdomain == exact), query, up, null);
        return span.IsForward ? at is null ? [.. exacts, .. others] : [.. others] : [.. others, .. exacts];
    }

    /// <summary>Whether the list may be read beside this tenant.</summary>
    public static bool IsPlace(Tenant at, TenantQuery query) =>
        query.Q?.Trim() is not { Length: > 0 } exact || (at.Ruc != exact && at.Subdomain != exact);

    private static IEnumerable<IQueryable<Tenant>> Sorted(
        IQueryable<Tenant> tenants, TenantQuery query, bool up, Tenant? at) => query.OrderBy switch
        {
            TenantOrder.Ruc => ByText(
                tenants.Select(t => new Keyed<string> { Row = t, Key = t.Ruc }), up, at, at?.Ruc),
            TenantOrder.Subdomain => ByText(
                tenants.Select(t => new Keyed<string> { Row = t, Key = t.Subdomain }), up, at, at?.Subdomain),
            TenantOrder.Plan => ByText(
                tenants.Select(t => new Keyed<string> { Row = t, Key = t.Plan }), up, at, at?.Plan),
            TenantOrder.State => ByState(tenants, up, at),
            TenantOrder.CreatedAt => ByMoment(tenants, up, at),
            TenantOrder.Id => ById(at is null ? tenants
                : up ? tenants.Where(t => t.Id > at.Id) : tenants.Where(t => t.Id < at.Id), up),
            _ => ByText(
                tenants.Select(t => new Keyed<string>
                {
                    Row = t, Key = EF.Functions.Collate(t.LegalName!, MasterContext.Collation),
                }), up, at, at?.LegalName),
        };

    // PostgreSQL sorts missing values after all others.
    private static IEnumerable<IQueryable<Tenant>> ByText(
        IQueryable<Keyed<string>> rows, bool up, Tenant? at, string? value)
    {
        if (at is null)
        {
            return [Sort(rows, up)];
        }

        var id = at.Id;
        var equal = value is null ? rows.Where(k => k.Key == null) : rows.Where(k => k.Key == value);
        var same = Sort(up ? equal.Where(k => k.Row.Id > id) : equal.Where(k => k.Row.Id < id), up);
#pragma warning disable CA1309 // The database compares, by its collation.
        return (value, up) switch
        {
            (null, true) => [same],
            (null, false) => [same, Sort(rows.Where(k => k.Key != null), up)],
            (_, true) => [same, Sort(rows.Where(k => string.Compare(k.Key, value) > 0), up),
                Sort(rows.Where(k => k.Key == null), up)],
            _ => [same, Sort(rows.Where(k => string.Compare(k.Key, value) < 0), up)],
        };
#pragma warning restore CA1309
    }

    // There are few states, so each of the following ones is a part.
    private static IEnumerable<IQueryable<Tenant>> ByState(IQueryable<Tenant> tenants, bool up, Tenant? at)
    {
        if (at is null)
        {
            return [up ? tenants.OrderBy(t => t.State).ThenBy(t => t.Id)
                : tenants.OrderByDescending(t => t.State).ThenByDescending(t => t.Id)];
        }

        var states = Enum.GetValues<TenantState>().OrderBy(s => s.ToString(), StringComparer.OrdinalIgnoreCase);
        var later = (up ? states : states.Reverse()).SkipWhile(s => s != at.State).Skip(1);
        var same = tenants.Where(t => t.State == at.State);
        return [.. ById(up ? same.Where(t => t.Id > at.Id) : same.Where(t => t.Id < at.Id), up),
            .. later.SelectMany(state => ById(tenants.Where(t => t.State == state), up))];
    }

    private static IEnumerable<IQueryable<Tenant>> ByMoment(IQueryable<Tenant> tenants, bool up, Tenant? at)
    {
        IQueryable<Tenant> Sorted(IQueryable<Tenant> some) => up ? some.OrderBy(t => t.CreatedAt).ThenBy(t => t.Id)
            : some.OrderByDescending(t => t.CreatedAt).ThenByDescending(t => t.Id);
        if (at is null)
        {
            return [Sorted(tenants)];
        }

        var same = tenants.Where(t => t.CreatedAt == at.CreatedAt);
        return up
            ? [Sorted(same.Where(t => t.Id > at.Id)), Sorted(tenants.Where(t => t.CreatedAt > at.CreatedAt))]
            : [Sorted(same.Where(t => t.Id < at.Id)), Sorted(tenants.Where(t => t.CreatedAt < at.CreatedAt))];
    }

    private static IEnumerable<IQueryable<Tenant>> ById(IQueryable<Tenant> tenants, bool up) =>
        [up ? tenants.OrderBy(t => t.Id) : tenants.OrderByDescending(t => t.Id)];

    private static IQueryable<Tenant> Sort(IQueryable<Keyed<string>> rows, bool up) =>
        (up ? rows.OrderBy(k => k.Key).ThenBy(k => k.Row.Id)
            : rows.OrderByDescending(k => k.Key).ThenByDescending(k => k.Row.Id)).Select(k => k.Row);

    private sealed class Keyed<TKey>
    {
        public required Tenant Row { get; init; }

        public required TKey? Key { get; init; }
    }
}
