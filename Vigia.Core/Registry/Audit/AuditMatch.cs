using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Registry.Audit;

/// <summary>
/// The records that match a filter. An actor, a part of an actor's name, an action, a group of actions and a tenant's
/// name stand for one or several values of a column. The values are found first, and the newest records of each are
/// read as a range of its index: records that have one of several values would be sorted whole, and those of a rare
/// value, or of a person who left, would be searched for among all newer records. Text that no index finds is compared
/// with the records of a window.
/// </summary>
internal sealed class AuditMatch
{
    /// <summary>
    /// How many records are compared for one page, when a filter needs that: text, or a name of very many tenants.
    /// </summary>
    public const int Window = 10_000;

    // How far the clocks of two instances may be apart, twice.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(10);

    private readonly MasterContext _db;
    private readonly AuditFilter _filter;
    private readonly string[]? _names;
    private readonly string[]? _actions;
    private readonly Guid[]? _actors;
    private readonly int[]? _tenants;
    private long? _afterDays;
    private long? _beforeDays;

    private AuditMatch(
        MasterContext db, AuditFilter filter, string[]? names, string[]? actions, int[]? tenants) =>
        (_db, _filter, _names, _actions, _tenants, _actors) =
            (db, filter, names, actions, tenants, Guid.TryParse(filter.Actor, out var id) ? [id] : null);

    /// <summary>Whether records are compared one by one, so that a page looks at no more than a window.</summary>
    public bool IsCompared => HasManyTenants || _filter.Words.Count > 0;

    private bool HasManyTenants => IsNamed(_filter) && _tenants is null;

    /// <summary>Whether a record of the list may stand for others.</summary>
    public bool IsFolding => _tenants is null && !IsCompared
        && _filter is { IsFolded: true, TenantId: null, OperationId: null, TraceId: null or "" };

    /// <summary>Finds the values that the filter stands for.</summary>
    public static async Task<AuditMatch> PrepareAsync(
        MasterContext db, AuditFilter filter, CancellationToken cancellationToken)
    {
        string[]? names = null;
        string[]? actions = filter.Action is { Length: > 0 } one ? [one] : null;
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

        var tenants = IsNamed(filter)
            ? await TenantsAsync(db, filter.Tenant!, cancellationToken) : ScopeOf(db, filter);
        var match = new AuditMatch(db, filter, names, actions, tenants);
        await match.PlaceDaysAsync(cancellationToken);
        return match;
    }

    // Days are ranges of the chain too, because records are numbered in the order of their commits. Without that, an
    // old day would be searched for among all newer records.
    private async Task PlaceDaysAsync(CancellationToken cancellationToken)
    {
        if (_filter.From is { } from && from > DateTimeOffset.MinValue + Skew)
        {
            var earlier = from - Skew;
            _afterDays = await _db.Set<AuditEvent>().Where(e => e.At < earlier).OrderByDescending(e => e.At)
                .Select(e => (long?)e.Seq).FirstOrDefaultAsync(cancellationToken);
        }

        if (_filter.To is { } to && to < DateTimeOffset.MaxValue - Skew)
        {
            var later = to + Skew;
            _beforeDays = await _db.Set<AuditEvent>().Where(e => e.At >= later).OrderBy(e => e.At)
                .Select(e => (long?)e.Seq).FirstOrDefaultAsync(cancellationToken);
        }
    }

    private static bool IsNamed(AuditFilter filter) => !string.IsNullOrWhiteSpace(filter.Tenant);

    /// <summary>
    /// Counts the records after the place <paramref name="after"/>, or all, up to <paramref name="most"/>. When records
    /// are compared, only those of the newest window.
    /// </summary>
    public Task<int> CountAsync(long? after, int most, CancellationToken cancellationToken)
    {
        var all = After(Plain(_db.Set<AuditEvent>()), after);
        var found = IsCompared
            ? Compared(Sorted(all, descending: true, Window, after, null).Take(Window)).Select(e => e.Seq)
            : Range(all, descending: true, after, null)?.Select(e => e.Seq)
                ?? Values(all, descending: true, most, after, null) ?? all.Select(e => e.Seq);
        return ListTotal.UpTo(found, most).CountAsync(cancellationToken);
    }


    /// <summary>The records in the direction of the span, the newest being the beginning of the list.</summary>
    public IQueryable<AuditEvent> Newest(ListSpan span, long? place)
    {
        var enough = span.IsPlaced ? span.Size + 1
            : (int)Math.Min((Math.Abs((long)span.Page) * span.Size) + 1, int.MaxValue);
        var all = Beside(Shown(), span.IsForward, place);
        var (after, before) = span.IsForward ? ((long?)null, place) : (place, null);
        return IsCompared
            ? Order(Compared(Sorted(all, span.IsForward, Window, after, before).Take(Window)), span.IsForward)
            : Sorted(all, span.IsForward, enough, after, before);
    }

    /// <summary>
    /// Finds the last record that a page after this place, or the first page, looks at. Null when it looks at all.
    /// </summary>
    public async Task<AuditEvent?> EndOfWindowAsync(long? place, CancellationToken cancellationToken)
    {
        var all = Beside(Shown(), isForward: true, place);
        return IsCompared ? await Sorted(all, descending: true, Window + 1, null, place)
            .Skip(Window - 1).Take(2)
            .ToListAsync(cancellationToken) is [var last, _] ? last : null : null;
    }

    /// <summary>The first records between two places, oldest first. It may look at all records between them.</summary>
    public IQueryable<AuditEvent> Oldest(long after, long upTo, int most)
    {
        var all = After(Plain(_db.Set<AuditEvent>().AsNoTracking()), after).Where(e => e.Seq <= upTo);
        return (IsCompared ? Order(Compared(OfValues(all)), descending: false)
            : Sorted(all, descending: false, most, after, upTo + 1)).Take(most);
    }

    private static IQueryable<AuditEvent> After(IQueryable<AuditEvent> events, long? after) =>
        after is { } place ? events.Where(e => e.Seq > place) : events;

    private static IQueryable<AuditEvent> Beside(IQueryable<AuditEvent> events, bool isForward, long? place) =>
        (place, isForward) switch
        {
            ({ } at, true) => events.Where(e => e.Seq < at),
            ({ } at, false) => events.Where(e => e.Seq > at),
            _ => events,
        };

    private static IQueryable<AuditEvent> Order(IQueryable<AuditEvent> events, bool descending) =>
        descending ? events.OrderByDescending(e => e.Seq) : events.OrderBy(e => e.Seq);

    private IQueryable<AuditEvent> Shown()
    {
        var all = Plain(_db.Set<AuditEvent>().AsNoTracking());
        return IsFolding ? AuditFolding.WithoutFolded(_db, all, _filter.To) : all;
    }

    // At least this many of the first records, in their order. All of them lie between the two places.
    private IQueryable<AuditEvent> Sorted(
        IQueryable<AuditEvent> all, bool descending, int enough, long? after, long? before)
    {
        if (Range(all, descending, after, before) is { } range)
        {
            return range;
        }

        if (Values(all, descending, enough, after, before) is not { } places)
        {
            return Order(all, descending);
        }

        var first = (descending ? places.OrderByDescending(seq => seq) : places.OrderBy(seq => seq)).Take(enough);
        return Order(_db.Set<AuditEvent>().AsNoTracking().Where(e => first.Contains(e.Seq)), descending);
    }

    private (long First, long Last) Bounds(long? after, long? before) => (
        Math.Max(after ?? 0, _afterDays ?? 0) + 1,
        Math.Min(Math.Min(before ?? long.MaxValue, _beforeDays ?? long.MaxValue) - 1, _filter.UpTo ?? long.MaxValue));

    // The records of the only value that the filter stands for. Null when there are none or several. See Values.
    private IQueryable<AuditEvent>? Range(IQueryable<AuditEvent> all, bool descending, long? after, long? before)
    {
        var (first, last) = Bounds(after, before);
        switch ((_tenants, _actors, _names, _actions))
        {
            case (null, [var id], _, _):
                all = OfActions(all).Where(e =>
                    EF.Functions.GreaterThanOrEqual(
                        ValueTuple.Create(e.ActorId, e.Seq), ValueTuple.Create((Guid?)id, first))
                    && EF.Functions.LessThanOrEqual(
                        ValueTuple.Create(e.ActorId, e.Seq), ValueTuple.Create((Guid?)id, last)));
                return descending ? all.OrderByDescending(e => e.ActorId).ThenByDescending(e => e.Seq)
                    : all.OrderBy(e => e.ActorId).ThenBy(e => e.Seq);
            case (null, null, null, [var action]):
                all = all.Where(e =>
                    EF.Functions.GreaterThanOrEqual(
                        ValueTuple.Create(e.Action, e.Seq), ValueTuple.Create(action, first))
                    && EF.Functions.LessThanOrEqual(
                        ValueTuple.Create(e.Action, e.Seq), ValueTuple.Create(action, last)));
                return descending ? all.OrderByDescending(e => e.Action).ThenByDescending(e => e.Seq)
                    : all.OrderBy(e => e.Action).ThenBy(e => e.Seq);
            default:
                return null;
        }
    }

    // The places of the first records of each value, at most this many. Null when the filter stands for no values.
    // Value and place are compared together, and the records sorted by both: that is one range of the index of the
    // value, and no other index has that order. A value that is coalesced is no column, which keeps EF Core from
    // turning the lateral join into a ROW_NUMBER over all records of the values, and from comparing with NULL.
    private IQueryable<long>? Values(
        IQueryable<AuditEvent> all, bool descending, int enough, long? after, long? before)
    {
        var (first, last) = Bounds(after, before);
        if (_tenants is { } tenants)
        {
            all = Order(OfActors(OfActions(all)), descending);
            return Each<int?>(tenants).SelectMany(id => all
                .Where(e => e.TenantId == (id ?? 0)).Select(e => e.Seq).Take(enough));
        }

        if (_names is { } names)
        {
            all = OfActions(all);
            all = descending ? all.OrderByDescending(e => e.ActorName).ThenByDescending(e => e.Seq)
                : all.OrderBy(e => e.ActorName).ThenBy(e => e.Seq);
            return Each<string?>(names).SelectMany(name => all
                .Where(e => EF.Functions.GreaterThanOrEqual(
                        ValueTuple.Create(e.ActorName, e.Seq), ValueTuple.Create(name ?? "", first))
                    && EF.Functions.LessThanOrEqual(
                        ValueTuple.Create(e.ActorName, e.Seq), ValueTuple.Create(name ?? "", last)))
                .Select(e => e.Seq).Take(enough));
        }

        if (_actions is { } actions)
        {
            all = descending ? all.OrderByDescending(e => e.Action).ThenByDescending(e => e.Seq)
                : all.OrderBy(e => e.Action).ThenBy(e => e.Seq);
            return Each<string?>(actions).SelectMany(action => all
                .Where(e => EF.Functions.GreaterThanOrEqual(
                        ValueTuple.Create(e.Action, e.Seq), ValueTuple.Create(action ?? "", first))
                    && EF.Functions.LessThanOrEqual(
                        ValueTuple.Create(e.Action, e.Seq), ValueTuple.Create(action ?? "", last)))
                .Select(e => e.Seq).Take(enough));
        }

        return null;
    }

    private IQueryable<AuditEvent> OfActions(IQueryable<AuditEvent> events) =>
        _actions is { } actions ? events.Where(e => actions.Contains(e.Action)) : events;

    private IQueryable<AuditEvent> OfActors(IQueryable<AuditEvent> events)
    {
        var (actors, names) = (_actors, _names);
        events = actors is null ? events : events.Where(e => e.ActorId != null && actors.Contains(e.ActorId.Value));
        return names is null ? events : events.Where(e => names.Contains(e.ActorName));
    }

    private IQueryable<T> Each<T>(Array values) =>
        _db.Database.SqlQuery<T>($"SELECT unnest({values}) AS \"Value\"");

    private IQueryable<AuditEvent> OfValues(IQueryable<AuditEvent> events)
    {
        var tenants = _tenants;
        return OfActors(OfActions(tenants is null ? events
            : events.Where(e => e.TenantId != null && tenants.Contains(e.TenantId.Value))));
    }

    // The conditions that each record is compared with, because no index finds them.
    private IQueryable<AuditEvent> Compared(IQueryable<AuditEvent> events)
    {
        // One by one, because a join would read the texts of all tenants.
        var (names, trash) = (_db.Set<TenantSearchText>(), _db.Set<TrashedTenant>());
        foreach (var part in HasManyTenants ? SafeText.SearchWords(_filter.Tenant!) : [])
        {
            events = events.Where(
                e => names.Where(t => t.Id == e.TenantId).Select(t => t.Folded).FirstOrDefault()!.Contains(part)
                    || trash.Any(t => t.Id == e.TenantId
                        && MasterContext.SearchText(
                            t.Ruc, t.LegalName, t.Subdomain, MasterContext.JsonMember(t.Row, "correo_acceso"))
                            .Contains(part)));
        }

        return _filter.Words.Aggregate(events, (all, word) =>
        {
            var (text, actions) = (word.Text, word.Actions);
            return all.Where(e => actions.Contains(e.Action)
                || MasterContext.SearchText(
                    e.ActorName + " " + e.Via + " " + e.Reason, e.Subdomain + " " + e.Ruc,
                    MasterContext.JsonText(e.Before) + " " + MasterContext.JsonText(e.After),
                    names.Where(t => t.Id == e.TenantId).Select(t => t.Folded).FirstOrDefault()).Contains(text));
        });
    }

    private IQueryable<AuditEvent> Plain(IQueryable<AuditEvent> events)
    {
        var filter = _filter;
        events = filter.TenantId is { } tenant ? events.Where(e => e.TenantId == tenant) : events;
        events = filter.OperationId is { } operation ? events.Where(e => e.OperationId == operation) : events;
        events = string.IsNullOrEmpty(filter.TraceId) ? events : events.Where(e => e.TraceId == filter.TraceId);
        events = filter.From is { } from ? events.Where(e => e.At >= from) : events;
        events = filter.To is { } to ? events.Where(e => e.At < to) : events;
        events = _afterDays is { } after ? events.Where(e => e.Seq > after) : events;
        events = _beforeDays is { } before ? events.Where(e => e.Seq < before) : events;
        events = filter.SignedOnly ? events.Where(e => e.SignatureMeaning != null) : events;
        return filter.UpTo is { } last ? events.Where(e => e.Seq <= last) : events;
    }

    // A limited person's tenants are read each by its index too.
    private static int[]? ScopeOf(MasterContext db, AuditFilter filter) =>
        filter.TenantId is null && db.TenantScope is { Length: <= TenantTextSearch.Few } scope ? scope : null;

    // Null when there are many.
    private static async Task<int[]?> TenantsAsync(MasterContext db, string text, CancellationToken cancellationToken)
    {
        if (TenantTextSearch.IsWordless(text))
        {
            return [];
        }

        const int Enough = TenantTextSearch.Few + 1;
        var trashed = await TenantTextSearch.Match(db.Set<TrashedTenant>(), text).Select(t => t.Id).Take(Enough)
            .ToListAsync(cancellationToken);
        return (await TenantTextSearch.PrepareAsync(db, text, cancellationToken)).Ids is { } registered
            && trashed.Count < Enough ? [.. registered.Union(trashed)] : null;
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
