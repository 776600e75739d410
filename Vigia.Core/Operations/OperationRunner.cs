using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Telemetry;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Runs one claimed operation: its steps from the first that is not done, or, when a person cancelled it, its
/// compensations in reverse order.
/// </summary>
// More than five dependencies: a run goes through claim, fence, steps and end, and each of these is a class of its
// own. This class is their order.
public sealed partial class OperationRunner(
    OperationCatalog catalog, OperationContexts contexts, OperationClaims claims, OperationFence fence,
    StepRunner steps, OperationEndings endings, IOptions<OperationOptions> options, TimeProvider time,
    ILogger<OperationRunner> logger)
{
    /// <summary>
    /// Runs until the operation ends, waits or backs off, the claim is lost, or the process stops. Exceptions of steps
    /// do not leave this method.
    /// </summary>
    public async Task RunAsync(Claim claim, CancellationToken stopping)
    {
        OperationContext? context;
        try
        {
            context = await contexts.OpenAsync(claim, stopping);
        }
        catch (Exception e) when (
            claim.Crashes >= options.Value.MaxCrashes && e is not OperationCanceledException
                && !FailurePolicy.IsTransient(e))
        {
            await endings.GiveUpUnreadableAsync(claim, e, stopping);
            return;
        }

        if (context is null)
        {
            return;
        }

        // The background work continues the trace of the click that requested it.
        var operation = context.Operation;
        using var activity = StartActivity(operation);
        using var scope = logger.BeginScope(OperationQueue.Scope(operation));
        await using var lease = new OperationLease(claims, claim, options.Value, time, logger, stopping);
        var definition = catalog[operation.Kind];
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

            if (!claim.Cancelling && await steps.RunAsync(claim, definition, context, lease.Work))
            {
                await endings.SucceedAsync(claim, context, lease.Owned);
                LogSucceeded(logger, operation.Kind);
            }
            else
            {
                await steps.CompensateAsync(claim, definition, context, lease.Owned);
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
                await ReleaseWhenBackAsync(claim, stopping);
            }
            else if (lease.IsCancelRequested)
            {
                await steps.CompensateAsync(claim, definition, context, lease.Owned);
            }
            else
            {
                if (await endings.FailAsync(claim, definition, context, exception, lease.Owned))
                {
                    await steps.CompensateAsync(claim, definition, context, lease.Owned);
                }
            }
        }
        catch (Exception e)
        {
            // The master can't be reached or the claim was lost in the meantime. The operation continues when the
            // master is back, or is taken over when its lease expires.
            LogEndNotWritten(logger, e, context.Operation.Kind);
            await ReleaseWhenBackAsync(claim, stopping);
        }
    }

    // A master that was away must not count as a crash of this process: after some crashes the operation fails. If
    // another worker has the operation by now, nothing is released.
    private async Task ReleaseWhenBackAsync(Claim claim, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await claims.ReleaseAsync(claim, stopping);
                return;
            }
            catch (Exception e) when (TransientFailures.IsServerUnavailable(e) && !stopping.IsCancellationRequested)
            {
                await Task.Delay(options.Value.FirstBackOff, time, stopping);
            }
        }
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} was released because the process stops")]
    private static partial void LogReleased(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Operation {Kind} was taken over by another worker")]
    private static partial void LogLost(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "The end of operation {Kind} could not be written; it is taken over when its lease expires")]
    private static partial void LogEndNotWritten(ILogger logger, Exception exception, OperationKind kind);
}
