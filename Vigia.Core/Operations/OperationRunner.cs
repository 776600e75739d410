using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Audit;
using Vigia.Core.Master;
using Vigia.Core.Telemetry;

namespace Vigia.Core.Operations;

/// <summary>Runs one claimed operation: its steps from the first that is not done, or its compensations in reverse when a person cancelled it.</summary>
public sealed partial class OperationRunner(
    OperationCatalog catalog, OperationClaims claims, OperationFence fence, OperationEndings endings, OperationProgress progress, OperationQueue queue,
    IDbContextFactory<MasterContext> contexts, AuditTrail audit, IOptions<OperationOptions> options, TimeProvider time, ILogger<OperationRunner> logger)
{
    /// <summary>Works on the claim until the operation ends, waits, backs off, is lost, or the process stops; never throws for what a step did.</summary>
    public async Task RunAsync(Claim claim, CancellationToken stopping)
    {
        var operation = await ReadAsync(claim, stopping);
        if (operation is null)
        {
            return;
        }

        // The background work continues the trace of the click that asked for it.
        using var activity = StartActivity(operation);
        using var scope = logger.BeginScope(OperationQueue.Scope(operation));
        await using var lease = new OperationLease(claims, claim, options.Value, time, logger, stopping);
        var definition = catalog[operation.Kind];
        var context = new OperationContext(claim, operation, fence, contexts, audit, progress, queue);
        try
        {
            if (claim.IsTakeOver)
            {
                await fence.EndEarlierSessionsAsync(claim, operation.ServerId, lease.Owned);
            }

            if (!claim.Cancelling && await RunStepsAsync(claim, definition, context, untilCancelled: true, lease.Work))
            {
                await endings.SucceedAsync(claim, context, lease.Owned);
                LogSucceeded(logger, operation.Kind);
            }
            else
            {
                await CompensateAsync(claim, definition, context, lease.Owned);
            }
        }
        catch (Exception e)
        {
            await EndAsync(claim, definition, context, lease, e, stopping);
        }
    }

    private async Task EndAsync(
        Claim claim, OperationDefinition definition, OperationContext context, OperationLease lease, Exception exception, CancellationToken stopping)
    {
        try
        {
            if (stopping.IsCancellationRequested)
            {
                // The process stops: another instance goes on at once.
                await claims.ReleaseAsync(claim, CancellationToken.None);
                LogReleased(logger, context.Operation.Kind);
            }
            else if (lease.IsLost || exception is OperationLostException)
            {
                LogLost(logger, context.Operation.Kind);
            }
            else if (lease.IsCancelRequested)
            {
                await CompensateAsync(claim, definition, context, lease.Owned);
            }
            else if (exception is NotYetException notYet)
            {
                await endings.PauseAsync(claim, notYet, lease.Owned);
            }
            else
            {
                await endings.FailAsync(claim, definition, context, exception, lease.Owned);
            }
        }
        catch (Exception e)
        {
            // The master can't be reached or the claim was lost meanwhile: the lease runs out and the operation is taken over.
            LogEndNotWritten(logger, e, context.Operation.Kind);
        }
    }

    // False when a person asked to cancel: noticed with every step that begins or ends, and within one by the lease.
    private async Task<bool> RunStepsAsync(
        Claim claim, OperationDefinition definition, OperationContext context, bool untilCancelled, CancellationToken cancellationToken)
    {
        var steps = definition.StepsFor(context.Operation);
        foreach (var record in (await ReadStepsAsync(claim, cancellationToken)).Where(s => s.State != StepState.Done))
        {
            var step = steps[record.Ordinal];
            if (await progress.StepAsync(claim, record.Ordinal, StepState.Running, null, cancellationToken) && untilCancelled)
            {
                return false;
            }

            var started = time.GetTimestamp();
            var result = "failed";
            try
            {
                using var activity = VigiaTelemetry.Source.StartActivity($"step {step.Name}");
                await step.RunAsync(context, cancellationToken);
                var cancelling = await progress.StepAsync(claim, record.Ordinal, StepState.Done, null, cancellationToken);
                result = "done";
                LogStep(logger, step.Name, time.GetElapsedTime(started).TotalMilliseconds);
                if (cancelling && untilCancelled)
                {
                    return false;
                }
            }
            finally
            {
                VigiaTelemetry.StepDuration.Record(
                    time.GetElapsedTime(started).TotalSeconds,
                    new("kind", definition.Kind), new("step", step.Name), new KeyValuePair<string, object?>("result", result));
            }
        }

        return true;
    }

    private async Task CompensateAsync(Claim claim, OperationDefinition definition, OperationContext context, CancellationToken cancellationToken)
    {
        var steps = definition.StepsFor(context.Operation);
        try
        {
            if (await definition.IsTooLateToCancelAsync(context, cancellationToken))
            {
                await RunStepsAsync(claim, definition, context, untilCancelled: false, cancellationToken);
                await endings.SucceedAsync(claim, context, cancellationToken);
                LogTooLate(logger, definition.Kind);
                return;
            }

            // Every step that was ever begun is undone, not only those recorded as done: the record may be behind what happened.
            foreach (var record in (await ReadStepsAsync(claim, cancellationToken)).Where(s => (s.Attempt > 0 || s.State == StepState.Running) && s.State is not (StepState.Compensated or StepState.Stopped)).Reverse())
            {
                var step = steps[record.Ordinal];
                if (step.CompensateAsync is { } compensate)
                {
                    await compensate(context, cancellationToken);
                }

                await progress.StepAsync(claim, record.Ordinal, step.Keeps ? StepState.Stopped : StepState.Compensated, null, cancellationToken);
            }

            await endings.CancelAsync(claim, definition, context, cancellationToken);
            LogCancelled(logger, definition.Kind);
        }
        catch (NotYetException e)
        {
            // It was too late to cancel, and the rest of it waits for something.
            await endings.PauseAsync(claim, e, cancellationToken);
        }
        catch (Exception e) when (e is not OperationLostException and not OperationCanceledException)
        {
            await endings.HoldBackCancellingAsync(claim, context, e, cancellationToken);
        }
    }

    private async Task<Operation?> ReadAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Operations.AsNoTracking().Include(o => o.Steps.OrderBy(s => s.Ordinal))
            .SingleOrDefaultAsync(o => o.Id == claim.Id && o.Epoch == claim.Epoch, cancellationToken);
    }

    private async Task<List<OperationStep>> ReadStepsAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.OperationSteps.AsNoTracking().Where(s => s.OperationId == claim.Id).OrderBy(s => s.Ordinal).ToListAsync(cancellationToken);
    }

    private static Activity? StartActivity(Operation operation)
    {
        ActivityContext parent = default;
        if (operation.TraceId is { Length: 32 } trace)
        {
            var span = operation.ParentSpanId is { Length: 16 } id ? ActivitySpanId.CreateFromString(id) : ActivitySpanId.CreateRandom();
            parent = new ActivityContext(ActivityTraceId.CreateFromString(trace), span, ActivityTraceFlags.Recorded, isRemote: true);
        }

        Activity.Current = null;
        var activity = VigiaTelemetry.Source.StartActivity($"operation {operation.Kind}", ActivityKind.Consumer, parent)
            ?? new Activity($"operation {operation.Kind}").SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags).Start();
        activity.SetTag("vigia.operation.id", operation.Id).SetTag("vigia.tenant.id", operation.TenantId).SetTag("vigia.subdominio", operation.Subdomain);
        return activity;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} succeeded")]
    private static partial void LogSucceeded(ILogger logger, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Step {Step} done in {Milliseconds:0} ms")]
    private static partial void LogStep(ILogger logger, string step, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} cancelled and compensated")]
    private static partial void LogCancelled(ILogger logger, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} was to be cancelled too late and succeeded")]
    private static partial void LogTooLate(ILogger logger, string kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} given back: the process stops")]
    private static partial void LogReleased(ILogger logger, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Kind} was taken over by another worker")]
    private static partial void LogLost(ILogger logger, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "How operation {Kind} ended could not be written; it is taken over when its lease runs out")]
    private static partial void LogEndNotWritten(ILogger logger, Exception exception, string kind);
}
