using System.Data;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>Reads the trail: single pages, or all matching records as a stream.</summary>
public sealed class AuditReader(IDbContextFactory<MasterContext> contexts, AuditTrail trail, OneAtATime heavy)
{
    /// <summary>The largest page size.</summary>
    public const int MaxPageSize = 200;

    private const int ExportPage = 1000;

    private static AuditHead NoHead => new() { Hash = new byte[32] };

    /// <summary>
    /// Reads a page, newest first, of 1 to 200 records. A page from -1 downwards is counted from the end. A limited
    /// auditor sees only records about their tenants.
    /// </summary>
    /// <param name="place">
    /// The record beside which the page begins; null to pass over the records before it.
    /// </param>
    public async Task<AuditPage> ListAsync(
        Actor actor, AuditFilter filter, int page, int pageSize, CancellationToken cancellationToken,
        ListPlace<long>? place = null)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);

        // The end of the chain, the rows and their number are of one moment: later records are counted from that end.
        var (begun, head) = await BeginAsync(db, cancellationToken);
        await using var snapshot = begun;
        var (size, number) = (Math.Clamp(pageSize, 1, MaxPageSize), page == 0 ? 1 : page);
        if (IsUnfindable(filter))
        {
            return new AuditPage([], 0, number, size, head);
        }

        var matching = await AuditMatch.PrepareAsync(db, filter, cancellationToken);
        var beyond = await matching.EndOfWindowAsync(null, cancellationToken);
        var reading = new ListReading<AuditEvent, AuditEvent>(
            span => [matching.Newest(span, span.IsPlaced ? place!.Id : null)],
            (part, cancel) => part.ToListAsync(cancel));
        var span = new ListSpan(number, size, place is not null, place?.Before == true);

        // A page of folded rows, or of a window, does not say how many records match; nor does their number say how
        // long the list is.
        var counted = matching.IsFolding || beyond is not null
            ? ListTotal.Of(await matching.CountAsync(null, ListTotal.Most + 1, cancellationToken)) : (ListTotal?)null;
        var (slice, total) = counted is { } known
            ? (await reading.ReadAsync(span, known with { IsExact = false }, cancellationToken),
                beyond is null ? known : known with { IsExact = false })
            : await reading.ReadAsync(
                span, async cancel => ListTotal.Of(await matching.CountAsync(null, ListTotal.Most + 1, cancel)),
                cancellationToken);
        List<AuditEvent> rows = [.. slice.Rows.Select(record => AuditRedaction.For(actor, record))];
        return new AuditPage(rows, total.Count, slice.Page, size, head)
        {
            TotalIsExact = total.IsExact, HasPrevious = slice.HasPrevious, HasNext = slice.HasNext,
            Names = await TenantNames.OfAsync(db, slice.Rows, filter.TenantId, cancellationToken),
            Folds = matching.IsFolding ? await AuditFolding.FindAsync(db, slice.Rows, cancellationToken)
                : new Dictionary<long, AuditFold>(),
            ComparedTo = slice.HasNext || number < 0 ? null : place is not { Before: false } ? beyond
                : await matching.EndOfWindowAsync(place.Id, cancellationToken),
        };
    }

    /// <summary>
    /// Counts the matching records after the place <paramref name="after"/>, up to one more than
    /// <see cref="ListTotal.Most"/>. Text is looked for in the newest <see cref="AuditMatch.Window"/> of them only.
    /// </summary>
    public async Task<int> CountAsync(
        Actor actor, AuditFilter filter, long? after, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return IsUnfindable(filter) ? 0 : await (await AuditMatch.PrepareAsync(db, filter, cancellationToken))
            .CountAsync(after, ListTotal.Most + 1, cancellationToken);
    }

    /// <summary>
    /// The names of the tenants that these records are about, and that of <paramref name="alsoOf"/>, by their ids.
    /// </summary>
    public async Task<IReadOnlyDictionary<int, string>> NamesAsync(
        Actor actor, IReadOnlyCollection<AuditEvent> records, int? alsoOf, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await TenantNames.OfAsync(db, records, alsoOf, cancellationToken);
    }

    /// <summary>Reads one record.</summary>
    /// <exception cref="NotFoundException"><c>audit_record_unknown</c>.</exception>
    public async Task<AuditEvent> GetAsync(Actor actor, long seq, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<AuditEvent>().AsNoTracking().SingleOrDefaultAsync(e => e.Seq == seq, cancellationToken)
            is { } found ? AuditRedaction.For(actor, found) : throw new NotFoundException("audit_record_unknown");
    }

    /// <summary>The present end of the chain.</summary>
    public async Task<AuditHeadMark> HeadAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await HeadAsync(db, cancellationToken);
    }

    /// <summary>
    /// Lists the names of all staff, for choosing an actor. Rows of staff are never deleted, so every actor is
    /// included. For a limited auditor these are only the people in the records that they may see.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, string>> ActorsAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var seen = db.Set<AuditEvent>().Select(e => e.ActorId);
        var people = await db.Users.Where(s => actor.TenantScope == null || seen.Contains(s.Id))
            .OrderBy(s => EF.Functions.Collate(s.FullName, MasterContext.Collation))
            .Select(s => new { s.Id, s.FullName, s.Email })
                .ToDictionaryAsync(s => s.Id, s => string.IsNullOrWhiteSpace(s.FullName) ? s.Email! : s.FullName,
                cancellationToken);

        // Programs act too. Their names look like no person's.
        var programs = await db.Database.SqlQuery<NamedActor>(
            $"SELECT id, 'servicio:' || name AS name FROM portal.service_accounts").OrderBy(p => p.Name)
            .Where(p => actor.TenantScope == null || seen.Contains(p.Id)).ToListAsync(cancellationToken);
        foreach (var program in programs)
        {
            people[program.Id] = program.Name;
        }

        return people;
    }

    /// <summary>
    /// Streams all matching records, oldest first, with one page in memory at a time. The export itself is recorded
    /// first, with its <paramref name="format"/>: <c>csv</c>, <c>jsonl</c> or <c>print</c>. The first read throws
    /// <see cref="AlreadyRunningException"/> while the person has another export running.
    /// </summary>
    public IAsyncEnumerable<AuditEvent> ExportAsync(
        Actor actor, AuditFilter filter, string format, CancellationToken cancellationToken)
    {
        // Checked here and not in the stream, which runs only when it is read.
        actor.Demand(Rights.AuditExport);
        return StreamAsync(actor, filter, format, cancellationToken);
    }

    // Reads page by page up to the end of the trail at the start. While the reader is slow, no statement is open and no
    // table is locked.
    private async IAsyncEnumerable<AuditEvent> StreamAsync(
        Actor actor, AuditFilter filter, string format, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var turn = heavy.Begin(actor.Id, HeavyCall.Export);
        await using (var recording = await contexts.OpenAsync(actor, cancellationToken))
        {
            var after = filter.Audited();
            after["format"] = format;

            // A limited person writes nothing into the trail of a tenant that is not theirs.
            var about = actor.TenantScope is { } scope && filter.TenantId is { } asked && !scope.Contains(asked)
                ? null : filter.TenantId;
            await trail.CommitAsync(
                recording, actor, new AuditEntry("audit.exported") { TenantId = about, After = after },
                cancellationToken);
        }

        if (IsUnfindable(filter))
        {
            yield break;
        }

        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var (last, end) = (0L, (await HeadAsync(db, cancellationToken)).Seq);
        var matching = await AuditMatch.PrepareAsync(db, filter, cancellationToken);
        List<AuditEvent> page;
        do
        {
            page = await matching.Oldest(last, end, ExportPage).ToListAsync(cancellationToken);
            foreach (var record in page)
            {
                yield return AuditRedaction.For(actor, record);
            }

            last = page.Count > 0 ? page[^1].Seq : last;
        }
        while (page.Count == ExportPage);
    }

    // Without a head, the page shows the records anyway. The alarm beside it says what is wrong.
    private static async Task<AuditHeadMark> HeadAsync(MasterContext db, CancellationToken cancellationToken) =>
        (await AuditTrail.ReadHeadAsync(db, cancellationToken) ?? NoHead).Mark;

    // An attempt to read a broken head may make the transaction fail. Then the records are read in another one.
    private static async Task<(IDbContextTransaction Snapshot, AuditHeadMark Head)> BeginAsync(
        MasterContext db, CancellationToken cancellationToken)
    {
        var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (await AuditTrail.TryReadHeadAsync(db, cancellationToken) is { } head)
        {
            return (snapshot, head.Mark);
        }

        await snapshot.DisposeAsync();
        return (
            await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken), NoHead.Mark);
    }

    // No record contains such a text, and PostgreSQL would refuse it as a parameter.
    private static bool IsUnfindable(AuditFilter filter)
    {
        string?[] texts =
        [
            filter.Actor, filter.Tenant, filter.Action, filter.TraceId, .. filter.Words.Select(word => word.Text),
        ];
        return texts.Any(text => SafeText.Problem(text) is not null);
    }

    private sealed record NamedActor(Guid Id, string Name);
}
