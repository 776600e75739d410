using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Vigia.Core.Foundation.Telemetry;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>Runs the steps of an operation forwards, and their compensations backwards.</summary>
public sealed partial class StepRunner(
    OperationProgress progress, OperationEndings endings, IDbContextFactory<MasterContext> contexts, TimeProvider time,
    ILogger<StepRunner> logger)
{
    /// <summary>Runs the steps that are not done.</summary>
    /// <returns>
    /// False when a person asked to cancel. The cancel is noticed whenever a step begins or ends, and during a step by
    /// the lease.
    /// </returns>
    public Task<bool> RunAsync(
        Claim claim, OperationDefinition definition, OperationContext context, CancellationToken cancellationToken) =>
        RunStepsAsync(claim, definition, context, untilCancelled: true, cancellationToken);

    /// <summary>
    /// Compensates the steps that were begun, in reverse order, and ends the operation. When it is too late to cancel,
    /// it runs the rest instead.
    /// </summary>
    public async Task CompensateAsync(
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
                    new("kind", definition.Kind.Code), new("step", step.Name), new KeyValuePair<string, object?>(
                        "result", result));
            }
        }

        return true;
    }

    private async Task<List<OperationStep>> ReadStepsAsync(Claim claim, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<OperationStep>().AsNoTracking().Where(s => s.OperationId == claim.Id)
            .OrderBy(s => s.Ordinal).ToListAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Step {Step} finished in {Milliseconds:0} ms")]
    private static partial void LogStep(ILogger logger, string step, double milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Operation {Kind} was cancelled and compensated")]
    private static partial void LogCancelled(ILogger logger, OperationKind kind);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "The cancel of operation {Kind} came too late; the operation succeeded")]
    private static partial void LogTooLate(ILogger logger, OperationKind kind);
}
