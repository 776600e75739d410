using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The records that match a filter. A part of an actor's name, a group of actions and a tenant's name stand for several
/// values of one column. The values are found first, and the newest records of each are read by its index, because
/// records that have one of several values would be sorted whole.
/// </summary>
internal sealed class AuditMatch
{
    private const int FewTenants = 100;

    private readonly MasterContext _db;
    private readonly AuditFilter _filter;
    private readonly string[]? _names;
    private readonly string[]? _actions;
    private readonly int[]? _tenants;

    private AuditMatch(MasterContext db, AuditFilter filter, string[]? names, string[]? actions, int[]? tenants) =>
        (_db, _filter, _names, _actions, _tenants) = (db, filter, names, actions, tenants);

    /// <summary>Finds the values that the filter stands for.</summary>
    public static async Task<AuditMatch> PrepareAsync(
        MasterContext db, AuditFilter filter, CancellationToken cancellationToken)
    {
        string[]? names = null;
        string[]? actions = null;
        if (filter.Actor is { Length: > 0 } actor && !Guid.TryParse(actor, out _))
        {
            var part = SafeText.Fold(actor);
            names = [.. (await DistinctAsync(db, "actor_name", cancellationToken))
                .Where(name => SafeText.Fold(name).Contains(part, StringComparison.Ordinal))];
        }

        if (filter.Action is [.., '.'] group)
        {
            actions = [.. (await DistinctAsync(db, "action", cancellationToken))
                .Where(action => action.StartsWith(group, StringComparison.Ordinal))];
        }

        var tenants = string.IsNullOrWhiteSpace(filter.Tenant) ? null
            : await TenantsAsync(db, filter.Tenant, cancellationToken);
        return new AuditMatch(db, filter, names, actions, tenants);
    }

    /// <summary>Counts the records after a place, up to <paramref name="most"/>.</summary>
    public Task<int> CountAsync(long? after, int? most, CancellationToken cancellationToken)
    {
        var events = Plain(_db.Set<AuditEvent>());
        events = after is { } place ? events.Where(e => e.Seq > place) : events;
        events = _tenants is null ? events : events.Where(OfTenants());
        events = _names is { } names ? events.Where(e => names.Contains(e.ActorName)) : events;
        events = _actions is { } actions ? events.Where(e => actions.Contains(e.Action)) : events;
        return (most is { } limit ? events.Select(e => e.Seq).Take(limit) : events.Select(e => e.Seq))
            .CountAsync(cancellationToken);
    }

    /// <summary>The records in the direction of the span, the newest being the beginning of the list.</summary>
    public IQueryable<AuditEvent> Newest(ListSpan span, long? place)
    {
        var enough = span.IsPlaced ? span.Size + 1
            : (int)Math.Min((Math.Abs((long)span.Page) * span.Size) + 1, int.MaxValue);
        return Sorted(
            events => (place, span.IsForward) switch
            {
                ({ } at, true) => events.Where(e => e.Seq < at),
                ({ } at, false) => events.Where(e => e.Seq > at),
                _ => events,
            }, descending: span.IsForward, enough);
    }

    /// <summary>The first records between two places, oldest first.</summary>
    public IQueryable<AuditEvent> Oldest(long after, long upTo, int most) =>
        Sorted(events => events.Where(e => e.Seq > after && e.Seq <= upTo), descending: false, most).Take(most);

    private IQueryable<AuditEvent> Sorted(
        Func<IQueryable<AuditEvent>, IQueryable<AuditEvent>> range, bool descending, int enough)
    {
        var all = range(Plain(_db.Set<AuditEvent>().AsNoTracking()));
        var (names, actions, tenants) = (_names, _actions, _tenants);
        var (isFew, isNamed) = (tenants is { Length: <= FewTenants }, names is not null);
        all = tenants is null || isFew ? all : all.Where(OfTenants());
        all = isNamed && isFew ? all.Where(e => names!.Contains(e.ActorName)) : all;
        all = actions is not null && (isFew || isNamed) ? all.Where(e => actions.Contains(e.Action)) : all;
        var found = (isFew, isNamed, actions, descending) switch
        {
            (true, _, _, true) => Values(tenants!).SelectMany(
                id => all.Where(e => e.TenantId == id).OrderByDescending(e => e.Seq).Take(enough)),
            (true, _, _, false) => Values(tenants!).SelectMany(
                id => all.Where(e => e.TenantId == id).OrderBy(e => e.Seq).Take(enough)),
            (_, true, _, true) => Values(names!).SelectMany(
                name => all.Where(e => e.ActorName == name).OrderByDescending(e => e.Seq).Take(enough)),
            (_, true, _, false) => Values(names!).SelectMany(
                name => all.Where(e => e.ActorName == name).OrderBy(e => e.Seq).Take(enough)),
            (_, _, not null, true) => Values(actions!).SelectMany(
                action => all.Where(e => e.Action == action).OrderByDescending(e => e.Seq).Take(enough)),
            (_, _, not null, false) => Values(actions!).SelectMany(
                action => all.Where(e => e.Action == action).OrderBy(e => e.Seq).Take(enough)),
            _ => all,
        };
        return descending ? found.OrderByDescending(e => e.Seq) : found.OrderBy(e => e.Seq);
    }

    private IQueryable<T> Values<T>(T[] values) =>
        _db.Database.SqlQuery<T>($"SELECT unnest({values}) AS \"Value\"");

    // Many tenants: then one of few records is theirs, and the records are read in the order of the list.
    private System.Linq.Expressions.Expression<Func<AuditEvent, bool>> OfTenants()
    {
        if (_tenants is { Length: <= FewTenants } few)
        {
            return e => e.TenantId != null && few.Contains(e.TenantId.Value);
        }

        var matching = TenantTextSearch.Of(_filter.Tenant).Match(_db, _db.Set<Tenant>());
        return e => matching.Any(t => t.Id == e.TenantId);
    }

    private IQueryable<AuditEvent> Plain(IQueryable<AuditEvent> events)
    {
        var filter = _filter;
        events = filter.Action is null or "" or [.., '.'] ? events : events.Where(e => e.Action == filter.Action);
        events = Guid.TryParse(filter.Actor, out var id) ? events.Where(e => e.ActorId == id) : events;
        events = filter.TenantId is { } tenant ? events.Where(e => e.TenantId == tenant) : events;
        events = filter.OperationId is { } operation ? events.Where(e => e.OperationId == operation) : events;
        events = string.IsNullOrEmpty(filter.TraceId) ? events : events.Where(e => e.TraceId == filter.TraceId);
        events = filter.From is { } from ? events.Where(e => e.At >= from) : events;
        events = filter.To is { } to ? events.Where(e => e.At < to) : events;
        events = filter.SignedOnly ? events.Where(e => e.SignatureMeaning != null) : events;
        return filter.UpTo is { } last ? events.Where(e => e.Seq <= last) : events;
    }

    // All ids when there are few, else more than few.
    private static async Task<int[]> TenantsAsync(MasterContext db, string text, CancellationToken cancellationToken)
    {
        if (TenantTextSearch.IsWordless(text))
        {
            return [];
        }

        var registered = (await TenantTextSearch.PrepareAsync(db, text, cancellationToken))
            .Match(db, db.Set<Tenant>()).Select(t => t.Id);
        var trashed = TenantTextSearch.Match(db.Set<TrashedTenant>(), text).Select(t => t.Id);
        return [.. (await registered.Take(FewTenants + 1).ToListAsync(cancellationToken))
            .Union(await trashed.Take(FewTenants + 1).ToListAsync(cancellationToken))];
    }

    // The different values of an indexed column: each is found from the one before it, so the records are not read.
    private static async Task<List<string>> DistinctAsync(
        MasterContext db, string column, CancellationToken cancellationToken)
    {
        var sql = $"""
            WITH RECURSIVE found (value) AS (
                (SELECT {column} FROM portal.audit_events ORDER BY {column} LIMIT 1)
                UNION ALL
                SELECT (SELECT e.{column} FROM portal.audit_events e WHERE e.{column} > found.value
                        ORDER BY e.{column} LIMIT 1)
                FROM found WHERE found.value IS NOT NULL)
            SELECT value AS "Value" FROM found WHERE value IS NOT NULL
            """;
        return await db.Database.SqlQueryRaw<string>(sql).ToListAsync(cancellationToken);
    }
}
