using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Telemetry;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Runs one claimed operation: its steps from the first that is not done, or, when a person cancelled it, its
/// compensations in reverse order.
/// </summary>
public sealed partial class OperationRunner(
    OperationCatalog catalog, OperationClaims claims, OperationFence fence, OperationEndings endings,
    OperationProgress progress, OperationQueue queue,
    TenantDatabases databases, IDbContextFactory<MasterContext> contexts, AuditTrail audit,
    IOptions<OperationOptions> options, TimeProvider time, ILogger<OperationRunner> logger)
{
    /// <summary>
    /// Runs until the operation ends, waits or backs off, the claim is lost, or the process stops. Exceptions of steps
    /// do not leave this method.
    /// </summary>
    public async Task RunAsync(Claim claim, CancellationToken stopping)
    {
        Operation? operation;
        try
        {
            operation = await ReadAsync(claim, stopping);
        }
        catch (Exception e) when (
            claim.Crashes >= options.Value.MaxCrashes && e is not OperationCanceledException
                && !FailurePolicy.IsTransient(e))
        {
            await endings.GiveUpUnreadableAsync(claim, e, stopping);
            return;
        }

        if (operation is null)
        {
            return;
        }

        // The background work continues the trace of the click that requested it.
        using var activity = StartActivity(operation);
        using var scope = logger.BeginScope(OperationQueue.Scope(operation));
        await using var lease = new OperationLease(claims, claim, options.Value, time, logger, stopping);
        var definition = catalog[operation.Kind];
        var context = new OperationContext(claim, operation, fence, contexts, audit, progress, queue, databases);
        try
        {
            if (claim.IsTakeOver)
            {
                await fence.EndEarlierSessionsAsync(claim, operation.ServerId, lease.Owned);
            }

            if (claim.Crashes >= options.Value.MaxCrashes)
            {
                await endings.GiveUpAsync(claim, definition, context, lease.Owned);
                return;
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
        Claim claim, OperationDefinition definition, OperationContext context, OperationLease lease,
        Exception exception, CancellationToken stopping)
    {
        try
        {
            if (stopping.IsCancellationRequested)
            {
                // The process stops. Another instance continues at once.
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
            else
            {
                if (await endings.FailAsync(claim, definition, context, exception, lease.Owned))
                {
                    await CompensateAsync(claim, definition, context, lease.Owned);
                }
            }
        }
        catch (Exception e)
        {
            // The master can't be reached or the claim was lost in the meantime. The lease expires and the operation is
            // taken over.
            LogEndNotWritten(logger, e, context.Operation.Kind);
        }
    }

    // False when a person asked to cancel. The cancel is noticed whenever a step begins or ends, and during a step by
    // the lease.
    private async Task<bool> RunStepsAsync(
        Claim claim, OperationDefinition definition, OperationContext context, bool untilCancelled,
        CancellationToken cancellationToken)
    {
        var steps = definition.StepsFor(context.Operation);
        foreach (var record in (await ReadStepsAsync(claim, cancellationToken)).Where(s => s.State != StepState.Done))
        {
            var step = steps[record.Ordinal];
            if (await progress.SetStepStateAsync(claim, record.Ordinal, StepState.Running, null, cancellationToken)
                && untilCancelled)
            {
                return false;
            }

            var started = time.GetTimestamp();
            var result = "failed";
            try
            {
                using var activity = VigiaTelemetry.Source.StartActivity($"step {step.Name}");
                await step.RunAsync(context, cancellationToken);
                var cancelling = await progress.SetStepStateAsync(
                    claim, record.Ordinal, StepState.Done, null, cancellationToken);
                result = "done";
                LogStep(logger, step.Name, time.GetElapsedTime(started).TotalMilliseconds);
                if (cancelling && untilCancelled)
                {
                    return false;
                }
            }
            catch (NotYetException)
            {
                result = "not_yet";
                throw;
            }
            finally
            {
                VigiaTelemetry.StepDuration.Record(
                    time.GetElapsedTime(started).TotalSeconds,
                    new("kind", definition.Kind.Code), new("step", step.Name), new KeyValuePair<string,
                    object?>("result", result));
            }
        }

        return true;
    }

    private async Task CompensateAsync(
        Claim claim, OperationDefinition definition, OperationContext context, CancellationToken cancellationToken)
    {
        var steps = definition.StepsFor(context.Operation);
        int? undoing = null;
        try
        {
            if (await definition.IsTooLateToCancelAsync(context, cancellationToken))
            {
                await RunStepsAsync(claim, definition, context, untilCancelled: false, cancellationToken);
                await endings.SucceedAsync(claim, context, cancellationToken);
                LogTooLate(logger, definition.Kind);
                return;
            }

            // Every step that was begun is compensated, not only those recorded as done, because the record may be
            // behind the facts.
            foreach (var record in (await ReadStepsAsync(claim, cancellationToken))
                .Where(s => s.State is not (StepState.Pending or StepState.Compensated or StepState.Stopped)).Reverse())
            {
                var step = steps[record.Ordinal];
                undoing = record.Ordinal;
                if (step.CompensateAsync is { } compensate)
                {
                    await compensate(context, cancellationToken);
                }

                await progress.SetStepStateAsync(
                    claim, record.Ordinal, step.KeepsEffects ? StepState.Stopped : StepState.Compensated, null,
                    cancellationToken);
            }

            undoing = null;
            await endings.CancelAsync(claim, definition, context, cancellationToken);
            LogCancelled(logger, definition.Kind);
        }
        catch (Exception e) when (e is not OperationLostException and not OperationCanceledException)
        {
            await endings.FailCancellingAsync(claim, definition, context, undoing, e, cancellationToken);
        }
    }

    private async Task<Operation?> ReadAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<Operation>().AsNoTracking().Include(o => o.Steps.OrderBy(s => s.Ordinal))
            .SingleOrDefaultAsync(o => o.Id == claim.Id && o.Epoch == claim.Epoch, cancellationToken);
    }

    private async Task<List<OperationStep>> ReadStepsAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<OperationStep>().AsNoTracking().Where(s => s.OperationId == claim.Id)
            .OrderBy(s => s.Ordinal).ToListAsync(cancellationToken);
    }

    private static Activity? StartActivity(Operation operation)
    {
        ActivityContext parent = default;
        if (operation.TraceId is { Length: 32 } trace)
        {
            var span = operation.ParentSpanId is { Length: 16 } id ? ActivitySpanId.CreateFromString(id)
                : ActivitySpanId.CreateRandom();
            parent = new ActivityContext(
                ActivityTraceId.CreateFromString(trace), span, ActivityTraceFlags.Recorded, isRemote: true);
        }

        Activity.Current = null;
        var activity = VigiaTelemetry.Source.StartActivity($"operation {operation.Kind}", ActivityKind.Consumer, parent)
            ?? new Activity($"operation {operation.Kind}").SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags)
                .Start();
        activity.SetTag("vigia.operation.id", operation.Id).SetTag("vigia.tenant.id", operation.TenantId)
            .SetTag("vigia.subdominio", operation.Subdomain);
        return activity;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} succeeded")]
    private static partial void LogSucceeded(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Step {Step} finished in {Milliseconds:0} ms")]
    private static partial void LogStep(ILogger logger, string step, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} was cancelled and compensated")]
    private static partial void LogCancelled(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "The cancel of operation {Kind} came too late; the operation succeeded")]
    private static partial void LogTooLate(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} was released because the process stops")]
    private static partial void LogReleased(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Kind} was taken over by another worker")]
    private static partial void LogLost(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The end of operation {Kind} could not be written; it is taken over when its lease expires")]
    private static partial void LogEndNotWritten(ILogger logger, Exception exception, OperationKind kind);
}
