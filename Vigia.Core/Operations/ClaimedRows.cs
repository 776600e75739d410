using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Telemetry;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Operations;

/// <summary>
/// Changes the rows of an operation that a worker has claimed. A worker whose claim was overtaken changes nothing.
/// </summary>
public sealed class ClaimedRows(
    IDbContextFactory<MasterContext> contexts, OperationProgress progress, IOptions<OperationOptions> options)
{
    /// <summary>The operation, unless another worker has claimed it since.</summary>
    internal static IQueryable<Operation> Of(MasterContext db, Claim claim) =>
        db.Set<Operation>().Where(o => o.Id == claim.Id && o.Epoch == claim.Epoch);

    /// <summary>Ends the operation in this state.</summary>
    /// <exception cref="OperationLostException">Another worker has claimed it since.</exception>
    internal static async Task EndAsync(
        MasterContext db, Claim claim, OperationState state, Message? error, CancellationToken cancellationToken)
    {
        var progress = state == OperationState.Succeeded ? 100 : (int?)null;
        var rows = await Of(db, claim).ExecuteUpdateAsync(
            s => s.SetProperty(o => o.State, state).SetProperty(o => o.Error, error)
                .SetProperty(o => o.FinishedAt, o => DateTimeOffset.UtcNow)
                .SetProperty(o => o.Progress, o => progress ?? o.Progress)
                    .SetProperty(o => o.LeaseUntil, (DateTimeOffset?)null),
            cancellationToken);
        if (rows == 0)
        {
            throw new OperationLostException(claim.Id);
        }
    }

    /// <summary>Gives the operation back: to wait for a person, or to be claimed again after a pause.</summary>
    internal Task WaitAsync(
        Claim claim, OperationContext context, OperationState state, Message error, TimeSpan? pause,
        CancellationToken cancellationToken) =>
        QueueAgainAsync(claim, context, async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            var wait = pause ?? TimeSpan.Zero;

            // A cancel is never overwritten. One that was requested in the meantime is claimed at once, to be
            // compensated. One that was already being compensated is delayed.
            var rest = pause ?? options.Value.LongestBackOff;
            await Of(db, claim).ExecuteUpdateAsync(
                s => s.SetProperty(o => o.State,
                    o => o.State == OperationState.Cancelling ? OperationState.Cancelling : state)
                    .SetProperty(o => o.Error, error).SetProperty(o => o.NotBefore, o => DateTimeOffset.UtcNow + wait)
                    .SetProperty(o => o.LeaseUntil,
                        o => claim.Cancelling ? DateTimeOffset.UtcNow + rest : (DateTimeOffset?)null)
                    .SetProperty(o => o.Worker, (string?)null).SetProperty(o => o.Crashes, 0),
                cancellationToken);
        }, cancellationToken);

    /// <summary>
    /// Writes that the operation is queued again. It ends instead when a newer one of its kind and tenant is queued.
    /// </summary>
    internal async Task QueueAgainAsync(
        Claim claim, OperationContext context, Func<Task> writeAsync, CancellationToken cancellationToken)
    {
        try
        {
            await writeAsync();
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // A newer operation of this kind for this tenant is already queued and will do the work.
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await EndAsync(db, claim, OperationState.Cancelled, new Message("superseded"), cancellationToken);
            Count(context, "superseded");
        }
    }

    /// <summary>Gives an operation that is being cancelled back until after the pause.</summary>
    internal async Task DelayAsync(
        Claim claim, Message? message, TimeSpan pause, int uncounted, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await Of(db, claim).ExecuteUpdateAsync(
            s => s.SetProperty(o => o.Error, message).SetProperty(o => o.LeaseUntil, o => DateTimeOffset.UtcNow + pause)
                .SetProperty(o => o.Worker, (string?)null)
                .SetProperty(o => o.Crashes, 0).SetProperty(o => o.Attempt, o => o.Attempt - uncounted),
            cancellationToken);
    }

    /// <summary>Marks the running step as failed.</summary>
    /// <returns>Its name, and whether a person has asked to cancel the operation.</returns>
    internal async Task<(string Name, bool Cancelling)> FailStepAsync(
        Claim claim, Message message, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var running = await db.Set<OperationStep>().AsNoTracking()
            .Where(s => s.OperationId == claim.Id && s.State == StepState.Running)
            .OrderBy(s => s.Ordinal).FirstOrDefaultAsync(cancellationToken);
        if (running is null)
        {
            return ("-", false);
        }

        return (running.Name,
            await progress.SetStepStateAsync(claim, running.Ordinal, StepState.Failed, message, cancellationToken));
    }

    /// <summary>
    /// Marks a step that could not be undone as failed, not as done: a retry runs it again, and another cancel
    /// compensates it again.
    /// </summary>
    internal async Task MarkNotCompensatedAsync(
        Claim claim, int? undoing, Message message, CancellationToken cancellationToken)
    {
        if (undoing is not { } ordinal)
        {
            await FailStepAsync(claim, message, cancellationToken);
            return;
        }

        await progress.SetStepStateAsync(claim, ordinal, StepState.Failed, message, cancellationToken);
        var left = new Message("not_undone");
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<OperationStep>().Where(s => s.OperationId == claim.Id && s.Ordinal == ordinal)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Detail, left), cancellationToken);
    }

    /// <summary>Keeps operations from a server that does not answer for the length of the pause.</summary>
    internal async Task DelayServerAsync(int serverId, TimeSpan pause, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Set<DatabaseServer>().Where(s => s.Id == serverId).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Failures, x => x.Failures + 1)
                .SetProperty(x => x.NotBefore, x => DateTimeOffset.UtcNow + pause), cancellationToken);
    }

    /// <summary>Counts an end in the metrics.</summary>
    internal static void Count(OperationContext context, string result) =>
        VigiaTelemetry.Operations.Add(
            1, new("kind", context.Operation.Kind.Code), new KeyValuePair<string, object?>("result", result));
}
