using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>The present problem of the trail.</summary>
/// <param name="Why">The problem. The first one when there are several.</param>
/// <param name="Broken">The number of places that do not hold.</param>
/// <param name="IsClosed">Whether the trail accepts no records. Actions that need a record are then refused.</param>
public sealed record AuditAlarm(Message Why, long Broken, bool IsClosed);

/// <summary>
/// Stores the results of verifications and raises the alarm: a band on every page, an audit record, and mails to the
/// administrators.
/// </summary>
// More than five dependencies: the result of a verification, its audit record and its mails are written in one
// transaction.
public sealed class AuditChecks(
    IDbContextFactory<MasterContext> contexts, AuditStanding standing, AuditTrail trail, AuditAlarmMails mails,
    MasterIdentity identity, TimeProvider time)
{
    /// <summary>
    /// The id that is published on the topic of tenants when the state of the trail changes. No tenant has this id.
    /// </summary>
    public const int ChangeId = 0;

    // The trail is verified every night. One missed verification can be made up for in the next night.
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(36);

    /// <summary>Reads what is wrong with the trail. Null when no problem is known.</summary>
    public async Task<AuditAlarm?> GetAlarmAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditVerify);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var last = await db.Set<AuditCheck>().AsNoTracking().SingleOrDefaultAsync(c => c.IsLast, cancellationToken);
        if ((await standing.CheckAsync(db, cancellationToken)).Problem is { } closed)
        {
            return new AuditAlarm(closed, Math.Max(1, last?.Broken ?? 0), IsClosed: true);
        }

        return last is { Broken: > 0, Why: { } why } ? new AuditAlarm(why, last.Broken, IsClosed: false)
            : identity.ReadOnly is null && await IsOverdueAsync(db, last, cancellationToken)
                ? new AuditAlarm(new Message("audit_not_verified", $"{LongestPause.TotalHours:0}"), 0, IsClosed: false)
                    : null;
    }

    /// <summary>
    /// Reads the newest result, of a person or of the night. Null when the trail was never verified, or this was long
    /// ago.
    /// </summary>
    public async Task<AuditCheck?> LastAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.AuditVerify);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<AuditCheck>().AsNoTracking().SingleOrDefaultAsync(c => c.IsLast, cancellationToken);
    }

    /// <summary>Stores the result of a verification by a person.</summary>
    internal async Task StoreAsync(AuditVerdict verdict, CancellationToken cancellationToken)
    {
        if (identity.ReadOnly is null)
        {
            await StoreAsync(
                verdict, null, (db, entries) => trail.CommitAsync(db, Actor.System, entries, cancellationToken),
                cancellationToken);
        }
    }

    /// <summary>
    /// Stores the result of a verification and raises the alarm. When the trail can't take the record, the result is
    /// stored without a record: the problem that prevents the record must not prevent the alarm.
    /// </summary>
    /// <param name="operationId">The operation that verified. Null for a verification by a person.</param>
    /// <param name="commitAsync">Commits, together with the given audit entries.</param>
    internal async Task StoreAsync(
        AuditVerdict verdict, Guid? operationId, Func<MasterContext, IReadOnlyList<AuditEntry>, Task> commitAsync,
        CancellationToken cancellationToken)
    {
        try
        {
            await StoreOnceAsync(entries => entries);
        }
        catch (Exception e) when (!verdict.Holds && AuditUnreadable.Is(e))
        {
            await StoreOnceAsync(_ => []);
        }

        async Task StoreOnceAsync(Func<IReadOnlyList<AuditEntry>, IReadOnlyList<AuditEntry>> recorded)
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var entries = await AddAsync(db, verdict, operationId, cancellationToken);
            await commitAsync(db, recorded(entries));
        }
    }

    // Without any verification, the time counts from the first record.
    private async Task<bool> IsOverdueAsync(MasterContext db, AuditCheck? last, CancellationToken cancellationToken)
    {
        var latest = time.GetUtcNow() - LongestPause;
        return last is null ? await db.Set<AuditEvent>()
            .AnyAsync(e => e.At < latest, cancellationToken) : last.At < latest;
    }

    // Adds the result, and returns the audit entries to record, if the trail takes records.
    private async Task<IReadOnlyList<AuditEntry>> AddAsync(
        MasterContext db, AuditVerdict verdict, Guid? operationId, CancellationToken cancellationToken)
    {
        // The lock serialises this, because only one result can be the newest.
        await db.Database.ExecuteSqlAsync(
            $"LOCK TABLE portal.audit_checks IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        var before = await db.Set<AuditCheck>().Where(c => c.IsLast).Select(c => (long?)c.Broken)
            .SingleOrDefaultAsync(cancellationToken) > 0;
        await db.Set<AuditCheck>().Where(c => c.IsLast)
            .ExecuteUpdateAsync(s => s.SetProperty(c => c.IsLast, false), cancellationToken);
        db.Set<AuditCheck>().Add(new AuditCheck
        {
            At = time.GetUtcNow(),
            OperationId = operationId,
            Rows = verdict.Rows,
            Broken = verdict.Broken,
            FirstBroken = verdict.FirstBroken,
            LastBroken = verdict.LastBroken,
            Why = verdict.Why,
            IsLast = true,
        });
        await db.Database.ExecuteSqlAsync($"SELECT pg_notify('vigia_tenants', '0')", cancellationToken);
        if (!verdict.Holds && (operationId is not null || !before))
        {
            await mails.AddAsync(db, verdict, cancellationToken);
            return Entries("audit.broken", operationId, ("broken", verdict.Broken), ("first", verdict.FirstBroken),
                ("last", verdict.LastBroken), ("why", AuditedMessage.Of(verdict.Why)));
        }

        return verdict.Holds && before ? Entries("audit.holds_again", operationId, ("rows", verdict.Rows)) : [];
    }

    // A closed trail accepts no record. The page and the mail raise the alarm then.
    private IReadOnlyList<AuditEntry> Entries(
        string action, Guid? operationId, params (string Name, object? Value)[] after) =>
        standing.Problem is not null ? [] :
        [new AuditEntry(action) { OperationId = operationId, After = after.ToDictionary(a => a.Name, a => a.Value) }];
}
