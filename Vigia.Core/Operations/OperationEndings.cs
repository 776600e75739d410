using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Telemetry;

namespace Vigia.Core.Operations;

/// <summary>Writes how a run of an operation ended: succeeded, failed, waiting for a person or for a time, queued again after a pause, or cancelled.</summary>
public sealed partial class OperationEndings(
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, OperationClaims claims, OperationProgress progress, FailurePolicy policy, IOptions<OperationOptions> options,
    ILogger<OperationEndings> logger)
{
    public async Task SucceedAsync(Claim claim, OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await EndAsync(db, claim, OperationState.Succeeded, null, cancellationToken);
        await db.Servers.Where(s => s.Id == context.Operation.ServerId && s.Failures > 0)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Failures, 0).SetProperty(x => x.NotBefore, (DateTimeOffset?)null), cancellationToken);
        Count(context, "succeeded");
        await WakeParentAsync(context, cancellationToken);
    }

    /// <summary>A step threw: come back later when it is too early, back off when that may help, wait when a person must act, else fail with a message a person can act on.</summary>
    /// <returns>True when nothing was written but the step, because a person asked to cancel before it failed: that is what is done now.</returns>
    public async Task<bool> FailAsync(Claim claim, OperationDefinition definition, OperationContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is NotYetException notYet)
        {
            await QueueAgainAsync(claim, context, () => claims.PauseAsync(claim, notYet, cancellationToken), cancellationToken);
            return false;
        }

        var message = FailurePolicy.Describe(exception);
        var (failedStep, cancelling) = await FailStepAsync(claim, message, cancellationToken);
        if (cancelling)
        {
            return true;
        }

        if (exception is PersonNeededException)
        {
            LogWaiting(logger, context.Operation.Kind, failedStep, message.Code);
            await WaitAsync(claim, context, OperationState.Waiting, message, null, cancellationToken);
        }
        else if (FailurePolicy.IsTransient(exception) && context.Operation.Attempt < options.Value.MaxAttempts)
        {
            var pause = policy.BackOff(context.Operation.Attempt);
            LogBackOff(logger, exception, context.Operation.Kind, failedStep, pause.TotalSeconds);
            await WaitAsync(claim, context, OperationState.Queued, message, pause, cancellationToken);
            if (exception is ServerUnreachableException)
            {
                await HoldBackServerAsync(context.Operation.ServerId, pause, cancellationToken);
            }
        }
        else
        {
            LogFailed(logger, exception, context.Operation.Kind, failedStep);
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await EndAsync(db, claim, OperationState.Failed, message, cancellationToken);
            await definition.OnFailedAsync(db, context, message, cancellationToken);
            await audit.CommitAsync(db, context.Actor, Entry(context, "failed", message), cancellationToken);
            Count(context, "failed");
        }

        await WakeParentAsync(context, cancellationToken);
        return false;
    }

    public async Task CancelAsync(Claim claim, OperationDefinition definition, OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await EndAsync(db, claim, OperationState.Cancelled, null, cancellationToken);
        await definition.OnCancelledAsync(db, context, cancellationToken);
        await audit.CommitAsync(db, context.Actor, Entry(context, "cancelled", null), cancellationToken);
        Count(context, "cancelled");
        await WakeParentAsync(context, cancellationToken);
    }

    /// <summary>A compensation threw: it is tried again after a pause, for as long as it takes; giving up would leave things half-undone.</summary>
    public async Task HoldBackCancellingAsync(Claim claim, OperationContext context, Exception exception, CancellationToken cancellationToken)
    {
        var notYet = exception as NotYetException;
        var pause = notYet?.Pause ?? policy.BackOff(context.Operation.Attempt);
        var message = notYet is null ? FailurePolicy.Describe(exception) : null;
        if (notYet is null)
        {
            LogBackOff(logger, exception, context.Operation.Kind, "compensation", pause.TotalSeconds);
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await Ours(db, claim).ExecuteUpdateAsync(
            s => s.SetProperty(o => o.Error, message).SetProperty(o => o.LeaseUntil, o => DateTimeOffset.UtcNow + pause), cancellationToken);
    }

    private static IQueryable<Operation> Ours(MasterContext db, Claim claim) => db.Operations.Where(o => o.Id == claim.Id && o.Epoch == claim.Epoch);

    private static async Task EndAsync(MasterContext db, Claim claim, OperationState state, Message? error, CancellationToken cancellationToken)
    {
        var progress = state == OperationState.Succeeded ? 100 : (int?)null;
        var rows = await Ours(db, claim).ExecuteUpdateAsync(
            s => s.SetProperty(o => o.State, state).SetProperty(o => o.Error, error).SetProperty(o => o.FinishedAt, o => DateTimeOffset.UtcNow)
                .SetProperty(o => o.Progress, o => progress ?? o.Progress).SetProperty(o => o.LeaseUntil, (DateTimeOffset?)null),
            cancellationToken);
        if (rows == 0)
        {
            throw new OperationLostException(claim.Id);
        }
    }

    private Task WaitAsync(Claim claim, OperationContext context, OperationState state, Message error, TimeSpan? pause, CancellationToken cancellationToken) =>
        QueueAgainAsync(claim, context, async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var wait = pause ?? TimeSpan.Zero;

            // A cancel that came meanwhile stays one: it is claimed at once, to be compensated.
            await Ours(db, claim).ExecuteUpdateAsync(
                s => s.SetProperty(o => o.State, o => o.State == OperationState.Cancelling ? OperationState.Cancelling : state)
                    .SetProperty(o => o.Error, error).SetProperty(o => o.NotBefore, o => DateTimeOffset.UtcNow + wait)
                    .SetProperty(o => o.LeaseUntil, (DateTimeOffset?)null).SetProperty(o => o.Worker, (string?)null),
                cancellationToken);
        }, cancellationToken);

    private async Task QueueAgainAsync(Claim claim, OperationContext context, Func<Task> writeAsync, CancellationToken cancellationToken)
    {
        try
        {
            await writeAsync();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // A newer operation of this kind for this client is queued already and will do the work.
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await EndAsync(db, claim, OperationState.Cancelled, new Message("superseded"), cancellationToken);
            Count(context, "superseded");
        }
    }

    private async Task<(string Name, bool Cancelling)> FailStepAsync(Claim claim, Message message, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var running = await db.OperationSteps.AsNoTracking().Where(s => s.OperationId == claim.Id && s.State == StepState.Running)
            .OrderBy(s => s.Ordinal).FirstOrDefaultAsync(cancellationToken);
        if (running is null)
        {
            return ("-", false);
        }

        return (running.Name, await progress.StepAsync(claim, running.Ordinal, StepState.Failed, message, cancellationToken));
    }

    // Whatever became of it: one that only backs off leaves room for the next.
    private Task WakeParentAsync(OperationContext context, CancellationToken cancellationToken) =>
        context.Operation.ParentId is { } parent ? claims.WakeAsync(parent, cancellationToken) : Task.CompletedTask;

    private async Task HoldBackServerAsync(int serverId, TimeSpan pause, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Servers.Where(s => s.Id == serverId).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Failures, x => x.Failures + 1).SetProperty(x => x.NotBefore, x => DateTimeOffset.UtcNow + pause), cancellationToken);
    }

    private static AuditEntry Entry(OperationContext context, string ending, Message? message) => new($"operation.{ending}")
    {
        TenantId = context.Operation.TenantId,
        Ruc = context.Operation.Ruc,
        Subdomain = context.Operation.Subdomain,
        OperationId = context.OperationId,
        After = new Dictionary<string, object?> { ["kind"] = context.Operation.Kind, ["error"] = message?.Code },
    };

    private static void Count(OperationContext context, string result) =>
        VigiaTelemetry.Operations.Add(1, new("kind", context.Operation.Kind), new KeyValuePair<string, object?>("result", result));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Kind} waits for a person at step {Step}: {Code}")]
    private static partial void LogWaiting(ILogger logger, string kind, string step, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Kind} is tried again from step {Step} in {Seconds:0.0} s")]
    private static partial void LogBackOff(ILogger logger, Exception exception, string kind, string step, double seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "Operation {Kind} failed at step {Step}")]
    private static partial void LogFailed(ILogger logger, Exception exception, string kind, string step);
}
