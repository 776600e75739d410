using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Feed;
using Vigia.Core.Master;

namespace Vigia.Core.Operations;

/// <summary>Claims and runs operations, several at once; woken by the feed, with a slow poll as a net.</summary>
public sealed partial class OperationWorker(
    OperationClaims claims, OperationRunner runner, ChangeFeed feed, MasterIdentity identity, IOptions<OperationOptions> options, TimeProvider time,
    ILogger<OperationWorker> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.Workers).Select(_ => Task.Run(() => LoopAsync(stoppingToken), stoppingToken)));

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
                // The master is down or slow; the queue is still there when it comes back.
                if (e is NpgsqlException)
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The queue can't be read: {Reason}")]
    private static partial void LogMasterDown(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A worker stumbled and goes on")]
    private static partial void LogLoopFailed(ILogger logger, Exception exception);
}
