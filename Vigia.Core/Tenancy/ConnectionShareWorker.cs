using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Renews this instance's share of the connections, and closes connections that nobody uses. An instance that does not
/// serve tenants takes a share only when something asks for a session.
/// </summary>
internal sealed partial class ConnectionShareWorker(
    ConnectionGate gate, ConnectionShares shares, TenantDataSources sources, TimeProvider time,
    ILogger<ConnectionShareWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);

    // What another instance has acknowledged as free is taken soon.
    private static readonly TimeSpan RenewalWhileGrowing = TimeSpan.FromMilliseconds(200);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(async () =>
        {
            gate.Lower(0, out var toClose);
            await sources.CloseAsync(toClose);
            await sources.CloseAllAsync();
            if (gate.Count == 0)
            {
                await shares.LeaveAsync(gate.Instance, cancellationToken);
            }
        });
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await gate.Wanted.WaitAsync(stoppingToken);
            var share = new Share(0, int.MaxValue);
            while (true)
            {
                if (shares.MayBeUsed)
                {
                    await TryAsync(async () => share = await RenewAsync(share.Fair, stoppingToken));
                }

                await TryAsync(sources.CloseUnusedAsync);
                await Task.Delay(share.Held < share.Fair ? RenewalWhileGrowing : Renewal, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task<Share> RenewAsync(int fair, CancellationToken cancellationToken)
    {
        var acknowledged = gate.Lower(fair, out var toClose);
        await sources.CloseAsync(toClose);

        // Counted from before the question: by the master's clock the lease ends later.
        var until = time.GetTimestamp() + (long)(ConnectionShares.Lease.TotalSeconds * time.TimestampFrequency);
        var share = await shares.RenewAsync(gate.Instance, acknowledged, cancellationToken);
        gate.Raise(Math.Min(share.Held, share.Fair), until);
        return share;
    }

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The lease runs out. Connections that are open go on being used, and no new one is opened.
            LogNotRenewed(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "This instance's share of the connections to the server could not be renewed: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, string reason);
}
