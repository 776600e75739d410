using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Claims and runs several operations at the same time. The feed wakes the workers. A slow poll covers lost
/// notifications.
/// </summary>
// More than five dependencies: it is the loop that joins the others: it waits for work, claims it, and runs it.
public sealed partial class OperationWorker(
    OperationClaims claims, OperationRunner runner, ChangeFeed feed, MasterIdentity identity,
    IOptions<OperationOptions> options, TimeProvider time,
    ILogger<OperationWorker> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Workers)
            .Select(_ => Task.Run(() => LoopAsync(stoppingToken), stoppingToken)));

    private async Task LoopAsync(CancellationToken stoppingToken)
    {
        using var wake = feed.Subscribe(ChangeTopic.Work, TimeSpan.Zero);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (identity.ReadOnly is null && await claims.TryClaimAsync(stoppingToken) is { } claim)
                {
                    await runner.RunAsync(claim, stoppingToken);
                }
                else
                {
                    await wake.ReadAsync(options.Value.Poll, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The master is down or slow. The queue is still there when the master comes back.
                if (TransientFailures.IsServerUnavailable(e))
                {
                    LogMasterDown(logger, e.Message);
                }
                else
                {
                    LogLoopFailed(logger, e);
                }

                await Task.Delay(options.Value.FirstBackOff, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue of operations can't be read: {Reason}")]
    private static partial void LogMasterDown(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A worker met an unexpected error and continues")]
    private static partial void LogLoopFailed(ILogger logger, Exception exception);
}
