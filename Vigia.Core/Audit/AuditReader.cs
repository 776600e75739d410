using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;
using Vigia.Core.Text;

namespace Vigia.Core.Audit;

/// <summary>Which records of the trail to show.</summary>
public sealed record AuditFilter
{
    /// <summary>A member's id, or a part of the name that acted, whatever the case and accents.</summary>
    public string? Actor { get; init; }

    /// <summary>An action (<c>tenant.created</c>), or all of a kind (<c>tenant.</c>).</summary>
    public string? Action { get; init; }
    public int? TenantId { get; init; }
    public Guid? OperationId { get; init; }
    public string? TraceId { get; init; }

    /// <summary>Not before this moment.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this moment.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Only signed ones.</summary>
    public bool SignedOnly { get; init; }

    /// <summary>Up to this place: pages of one view stay the same while records are added.</summary>
    public long? UpTo { get; init; }

    /// <summary>As the trail itself records an export: only what was asked for.</summary>
    internal Dictionary<string, object?> Audited() => new Dictionary<string, object?>
    {
        ["actor"] = SafeText.Storable(Actor), ["action"] = SafeText.Storable(Action), ["tenant_id"] = TenantId, ["operation_id"] = OperationId, ["trace_id"] = SafeText.Storable(TraceId), ["from"] = From, ["to"] = To, ["signed"] = SignedOnly ? true : null,
    }.Where(pair => pair.Value is not null).ToDictionary();
}

/// <summary>A page of the trail, newest first.</summary>
/// <param name="Items">The records.</param>
/// <param name="Total">How many match.</param>
/// <param name="Page">From 1.</param>
/// <param name="PageSize">How many a page.</param>
/// <param name="Head">Where the chain ends now.</param>
public sealed record AuditPage(IReadOnlyList<AuditEvent> Items, int Total, int Page, int PageSize, AuditHeadMark Head);

/// <summary>Reads the trail: pages of it, and all that matches, streamed.</summary>
public sealed class AuditReader(IDbContextFactory<MasterContext> contexts, AuditTrail trail)
{
    /// <summary>The largest page.</summary>
    public const int MaxPageSize = 200;

    /// <summary>A page, newest first.</summary>
    /// <param name="actor">Who asks; a limited auditor sees what is about their clients.</param>
    /// <param name="filter">Which records.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">1–200.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<AuditPage> ListAsync(Actor actor, AuditFilter filter, int page, int pageSize, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var head = await HeadAsync(db, cancellationToken);
        var (size, number) = (Math.Clamp(pageSize, 1, MaxPageSize), Math.Max(1, page));
        if (IsUnfindable(filter))
        {
            return new AuditPage([], 0, number, size, head);
        }

        var matching = Match(db, filter);
        var total = await matching.CountAsync(cancellationToken);
        var items = await matching.OrderByDescending(e => e.Seq).Skip((int)Math.Min((number - 1L) * size, int.MaxValue)).Take(size).ToListAsync(cancellationToken);
        return new AuditPage(items, total, number, size, head);
    }

    /// <summary>One record.</summary>
    /// <exception cref="NotFoundException"><c>audit_record_unknown</c>.</exception>
    public async Task<AuditEvent> GetAsync(Actor actor, long seq, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.AuditEvents.AsNoTracking().SingleOrDefaultAsync(e => e.Seq == seq, cancellationToken) ?? throw new NotFoundException("audit_record_unknown");
    }

    /// <summary>Where the chain ends now.</summary>
    public async Task<AuditHeadMark> HeadAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await HeadAsync(db, cancellationToken);
    }

    /// <summary>Names of those who acted, for choosing one: all staff, for nobody's row is ever removed.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> ActorsAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Users.OrderBy(s => EF.Functions.Collate(s.FullName, Tenants.TenantSearch.Collation))
            .Select(s => new { s.Id, s.FullName, s.Email }).ToDictionaryAsync(s => s.Id, s => string.IsNullOrWhiteSpace(s.FullName) ? s.Email! : s.FullName, cancellationToken);
    }

    /// <summary>All records that match, oldest first, one in memory at a time. That it was taken out is itself recorded, first.</summary>
    /// <param name="actor">Who exports.</param>
    /// <param name="filter">Which records.</param>
    /// <param name="format">As recorded: <c>csv</c>, <c>jsonl</c>, <c>print</c>.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<AuditEvent> ExportAsync(Actor actor, AuditFilter filter, string format, CancellationToken cancellationToken)
    {
        // Here and not in the stream, which begins only when it is read.
        actor.Demand(Rights.AuditExport);
        return StreamAsync(actor, filter, format, cancellationToken);
    }

    private async IAsyncEnumerable<AuditEvent> StreamAsync(Actor actor, AuditFilter filter, string format, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using (var recording = await contexts.OpenAsync(actor, cancellationToken))
        {
            var after = filter.Audited();
            after["format"] = format;
            await trail.CommitAsync(recording, actor, new AuditEntry("audit.exported") { TenantId = filter.TenantId, After = after }, cancellationToken);
        }

        if (IsUnfindable(filter))
        {
            yield break;
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await foreach (var record in Match(db, filter).OrderBy(e => e.Seq).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return record;
        }
    }

    private static async Task<AuditHeadMark> HeadAsync(MasterContext db, CancellationToken cancellationToken)
    {
        var head = await db.AuditHead.AsNoTracking().SingleAsync(cancellationToken);
        return new AuditHeadMark(head.Seq, Convert.ToHexString(head.Hash));
    }

    // No record has such a text, and PostgreSQL would refuse to look for it.
    private static bool IsUnfindable(AuditFilter filter) => new[] { filter.Actor, filter.Action, filter.TraceId }.Any(text => SafeText.Problem(text) is not null);

    private static IQueryable<AuditEvent> Match(MasterContext db, AuditFilter filter)
    {
        var events = db.AuditEvents.AsNoTracking();
        events = filter.Action switch
        {
            null or "" => events,
            [.. var kind, '.'] => events.Where(e => e.Action.StartsWith(kind + ".")),
            var action => events.Where(e => e.Action == action),
        };
        events = filter.Actor switch
        {
            null or "" => events,
            var text when Guid.TryParse(text, out var id) => events.Where(e => e.ActorId == id),
            var text => events.Where(e => MasterContext.Fold(e.ActorName).Contains(SafeText.Fold(text))),
        };
        events = filter.TenantId is { } tenant ? events.Where(e => e.TenantId == tenant) : events;
        events = filter.OperationId is { } operation ? events.Where(e => e.OperationId == operation) : events;
        events = string.IsNullOrEmpty(filter.TraceId) ? events : events.Where(e => e.TraceId == filter.TraceId);
        events = filter.From is { } from ? events.Where(e => e.At >= from) : events;
        events = filter.To is { } to ? events.Where(e => e.At < to) : events;
        events = filter.SignedOnly ? events.Where(e => e.SignatureMeaning != null) : events;
        return filter.UpTo is { } last ? events.Where(e => e.Seq <= last) : events;
    }
}
