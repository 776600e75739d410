using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Operations;

/// <summary>
/// Chooses and writes the end of a run of an operation: it succeeded, failed, waits for a person or a time, is queued
/// again after a pause, or was cancelled. <see cref="ClaimedRows"/> changes the rows.
/// </summary>
// More than five dependencies: every end writes the same rows in one transaction. The policy, the options and the
// logger only choose among the ends.
public sealed partial class OperationEndings(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, OperationClaims claims, ClaimedRows rows,
    FailurePolicy policy, IOptions<OperationOptions> options, ILogger<OperationEndings> logger)
{
    // A compensation that waits for other work may run more often than one that fails, but not for ever.
    private const int PausesPerAttempt = 5;

    public async Task SucceedAsync(Claim claim, OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await ClaimedRows.EndAsync(db, claim, OperationState.Succeeded, null, cancellationToken);
        await db.Set<DatabaseServer>().Where(s => s.Id == context.Operation.ServerId && s.Failures > 0)
            .ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Failures, 0).SetProperty(x => x.NotBefore, (DateTimeOffset?)null),
                cancellationToken);
        ClaimedRows.Count(context, "succeeded");
        await WakeParentAsync(context, cancellationToken);
    }

    /// <summary>
    /// Handles an exception of a step: pauses when the step can't continue yet, backs off when trying again may help,
    /// waits when a person must act, and otherwise fails with a message that a person can act on.
    /// </summary>
    /// <returns>
    /// True when a person asked to cancel before the step failed. Then only the step's failure was written, and the
    /// caller compensates.
    /// </returns>
    public async Task<bool> FailAsync(
        Claim claim, OperationDefinition definition, OperationContext context, Exception exception,
        CancellationToken cancellationToken)
    {
        if (exception is NotYetException notYet)
        {
            await rows.QueueAgainAsync(
                claim, context, () => claims.PauseAsync(claim, notYet, cancellationToken), cancellationToken);
            return false;
        }

        var message = FailurePolicy.Describe(exception);
        var (failedStep, cancelling) = await rows.FailStepAsync(claim, message, cancellationToken);
        if (cancelling)
        {
            return true;
        }

        if (exception is PersonNeededException or AuditChainClosedException)
        {
            // Without the audit trail nothing can be written. The operation continues when a person has repaired the
            // trail.
            LogWaiting(logger, context.Operation.Kind, failedStep, message.Code);
            await rows.WaitAsync(claim, context, OperationState.Waiting, message, null, cancellationToken);
        }
        else if (FailurePolicy.IsAway(exception)
            || (FailurePolicy.IsTransient(exception) && context.Operation.Attempt < options.Value.MaxAttempts))
        {
            var pause = policy.BackOff(context.Operation.Attempt);
            LogBackOff(logger, exception, context.Operation.Kind, failedStep, pause.TotalSeconds);
            await rows.WaitAsync(claim, context, OperationState.Queued, message, pause, cancellationToken);
            if (exception is ServerUnreachableException)
            {
                await rows.DelayServerAsync(context.Operation.ServerId, pause, cancellationToken);
            }
        }
        else
        {
            LogFailed(logger, exception, context.Operation.Kind, failedStep);
            await EndFailedAsync(
                claim, definition, context, message, Entry(context, "failed", message), cancellationToken);
        }

        await WakeParentAsync(context, cancellationToken);
        return false;
    }

    /// <summary>
    /// Fails an operation whose process died too many times in a row, whether it was running or compensating, so that
    /// it does not stop the next process too.
    /// </summary>
    public async Task GiveUpAsync(
        Claim claim, OperationDefinition definition, OperationContext context, CancellationToken cancellationToken)
    {
        var message = new Message("operation_crashes", claim.Crashes.ToString(CultureInfo.InvariantCulture));
        var (step, _) = await rows.FailStepAsync(claim, message, cancellationToken);
        LogCrashes(logger, context.Operation.Kind, step, claim.Crashes);
        await EndFailedAsync(claim, definition, context, message, Entry(context, "failed", message), cancellationToken);
        await WakeParentAsync(context, cancellationToken);
    }

    /// <summary>
    /// Fails an operation whose row can't be read, because a newer build wrote it or a person edited it. The
    /// consequences that its kind defines for a failure are not written.
    /// </summary>
    public async Task GiveUpUnreadableAsync(Claim claim, Exception exception, CancellationToken cancellationToken)
    {
        var message = new Message("operation_crashes", claim.Crashes.ToString(CultureInfo.InvariantCulture));
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var named = await ClaimedRows.Of(db, claim)
            .Select(o => new { o.Kind, o.TenantId, o.Ruc, o.Subdomain, o.ParentId })
            .SingleOrDefaultAsync(cancellationToken) ?? throw new OperationLostException(claim.Id);
        LogUnreadable(logger, exception, named.Kind, claim.Crashes);
        await ClaimedRows.EndAsync(db, claim, OperationState.Failed, message, cancellationToken);
        await audit.CommitAsync(db, Actor.System, new AuditEntry("operation.failed")
        {
            TenantId = named.TenantId,
            Ruc = named.Ruc,
            Subdomain = named.Subdomain,
            OperationId = claim.Id,
            After = new Dictionary<string, object?>
            {
                ["kind"] = named.Kind.Code, ["error"] = AuditedMessage.Of(message),
            },
        }, cancellationToken);
        if (named.ParentId is { } parent)
        {
            await claims.WakeAsync(parent, cancellationToken);
        }
    }

    public async Task CancelAsync(
        Claim claim, OperationDefinition definition, OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await LockTenantAsync(db, context, cancellationToken);
        await ClaimedRows.EndAsync(db, claim, OperationState.Cancelled, null, cancellationToken);
        await definition.OnCancelledAsync(db, context, cancellationToken);
        await audit.CommitAsync(db, context.Actor, Entry(context, "cancelled", null), cancellationToken);
        ClaimedRows.Count(context, "cancelled");
        await WakeParentAsync(context, cancellationToken);
    }

    /// <summary>
    /// Handles an exception of a compensation. It is tried again after a pause while that may help. A rule that refuses
    /// it won't change its answer until a person acts, and no error is retried for ever. The operation then ends as
    /// failed, its step says what was not undone, and a person may cancel it again.
    /// </summary>
    /// <param name="definition">The definition, which writes the consequences of the failure.</param>
    /// <param name="context">The context of the operation.</param>
    /// <param name="undoing">
    /// The step that was being compensated. Null when the cancel came too late and the remaining steps were running.
    /// </param>
    public async Task FailCancellingAsync(
        Claim claim, OperationDefinition definition, OperationContext context, int? undoing, Exception exception,
            CancellationToken cancellationToken)
    {
        if (exception is AuditChainClosedException closed)
        {
            // Nothing can be recorded, so the operation can't end. It continues when the trail takes records again.
            await DelayCancellingAsync(
                claim, context, closed, closed.Reason, options.Value.LongestBackOff, cancellationToken, counts: false);
            return;
        }

        var notYet = exception as NotYetException;
        var message = notYet is null ? FailurePolicy.Describe(exception) : null;
        var most = options.Value.MaxAttempts * (notYet is null ? 1 : PausesPerAttempt);
        if (FailurePolicy.IsAway(exception)
            || ((FailurePolicy.IsTransient(exception) || exception is not (RuleException or PersonNeededException))
                && context.Operation.Attempt < most))
        {
            await DelayCancellingAsync(claim, context, exception, message, notYet?.Pause
                ?? policy.BackOff(context.Operation.Attempt), cancellationToken);
            return;
        }

        message ??= notYet!.Detail;
        LogFailed(logger, exception, context.Operation.Kind, "compensation");
        await rows.MarkNotCompensatedAsync(claim, undoing, message, cancellationToken);
        var entry = Entry(context, "failed", message);
        entry = entry with { After = new Dictionary<string, object?>(entry.After!) { ["cancelling"] = true } };
        await EndFailedAsync(claim with { Cancelling = true }, definition, context, message, entry, cancellationToken);
        await WakeParentAsync(context, cancellationToken);
    }

    private async Task DelayCancellingAsync(
        Claim claim, OperationContext context, Exception exception, Message? message, TimeSpan pause,
            CancellationToken cancellationToken, bool counts = true)
    {
        var uncounted = counts ? 0 : 1;
        if (message is not null)
        {
            LogBackOff(logger, exception, context.Operation.Kind, "compensation", pause.TotalSeconds);
        }

        await rows.DelayAsync(claim, message, pause, uncounted, cancellationToken);
    }

    private async Task EndFailedAsync(
        Claim claim, OperationDefinition definition, OperationContext context, Message message, AuditEntry entry,
        CancellationToken cancellationToken, bool notifiesKind = true)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await LockTenantAsync(db, context, cancellationToken);
            await ClaimedRows.EndAsync(db, claim, OperationState.Failed, message, cancellationToken);
            if (notifiesKind)
            {
                await definition.OnFailedAsync(db, context, message, cancellationToken);
            }

            await audit.CommitAsync(db, context.Actor, entry, cancellationToken);
        }
        catch (Exception e) when (
            definition.MayEndUnrecorded && e is not OperationCanceledException && !FailurePolicy.IsTransient(e))
        {
            // Also when the record can't be written for another reason, such as a renamed column. Otherwise the
            // operation would never end.
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await ClaimedRows.EndAsync(db, claim, OperationState.Failed, message, cancellationToken);
        }
        catch (AuditChainClosedException closed)
        {
            await rows.WaitAsync(claim, context, OperationState.Waiting, closed.Reason, null, cancellationToken);
            return;
        }
        catch (Exception e) when (
            notifiesKind && e is not (OperationLostException or OperationCanceledException)
                && !FailurePolicy.IsTransient(e))
        {
            // The master refuses the consequences that this kind defines for a failure (a trigger of the product). The
            // operation ends without them, because otherwise it would be claimed again for ever.
            LogConsequencesNotWritten(logger, e, context.Operation.Kind);
            await EndFailedAsync(claim, definition, context, message, entry, cancellationToken, notifiesKind: false);
            return;
        }

        ClaimedRows.Count(context, "failed");
    }

    // The tenant's rows are locked before the operation's row, as everywhere. A person may be cancelling or retrying it
    // at this moment.
    private static async Task LockTenantAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken)
    {
        if (context.Operation.TenantId is { } tenant)
        {
            await LockedTenant.LockAsync(db, tenant, cancellationToken);
        }
    }

    // The parent is woken after every outcome. Even a child that only backs off makes room for the next one.
    private Task WakeParentAsync(OperationContext context, CancellationToken cancellationToken) =>
        context.Operation.ParentId is { } parent ? claims.WakeAsync(parent, cancellationToken) : Task.CompletedTask;

    private static AuditEntry Entry(OperationContext context, string ending, Message? message) =>
        new($"operation.{ending}")
        {
            TenantId = context.Operation.TenantId,
            Ruc = context.Operation.Ruc,
            Subdomain = context.Operation.Subdomain,
            OperationId = context.OperationId,
            After = new Dictionary<string, object?>
            {
                ["kind"] = context.Operation.Kind.Code, ["error"] = AuditedMessage.Of(message),
            },
        };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Kind} waits for a person at step {Step}: {Code}")]
    private static partial void LogWaiting(ILogger logger, OperationKind kind, string step, string code);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Operation {Kind} is tried again from step {Step} in {Seconds:0.0} s")]
    private static partial void LogBackOff(
        ILogger logger, Exception exception, OperationKind kind, string step, double seconds);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Operation {Kind} failed at step {Step}: its process died {Crashes} times in a row")]
    private static partial void LogCrashes(ILogger logger, OperationKind kind, string step, int crashes);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Operation {Kind} failed after {Crashes} claims: its row can't be read")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, OperationKind kind, int crashes);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Operation {Kind} failed, but the consequences for its kind could not be written")]
    private static partial void LogConsequencesNotWritten(ILogger logger, Exception exception, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Kind} failed at step {Step}")]
    private static partial void LogFailed(ILogger logger, Exception exception, OperationKind kind, string step);
}
