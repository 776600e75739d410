using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Vigia.Core.Tenancy;

/// <summary>
/// Renews this instance's share of the connections, and closes connections that nobody uses. An instance that does not
/// serve tenants takes a share only when something asks for a session.
/// State of the process: why the last renewal failed.
/// </summary>
internal sealed partial class ConnectionShareWorker(
    ConnectionGate gate, ConnectionShares shares, TenantDataSources sources, TimeProvider time,
    ILogger<ConnectionShareWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(1);

    // Tenants must be served again soon after the master is back.
    private static readonly TimeSpan LongestRenewal = TimeSpan.FromSeconds(4);

    // Connections that another instance has given up are taken soon.
    private static readonly TimeSpan RenewalWhileGrowing = TimeSpan.FromMilliseconds(200);

    private Exception? _failure;

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
            await gate.ShareRequested.WaitAsync(stoppingToken);
            var (share, wait) = (new Share(0, int.MaxValue), Renewal);
            while (true)
            {
                if (shares.MayBeUsed)
                {
                    if (await TryAsync(async () => share = await RenewAsync(share.Fair, stoppingToken)))
                    {
                        wait = share.Held < share.Fair ? RenewalWhileGrowing : Renewal;
                        NoteSuccess();
                    }
                    else
                    {
                        gate.RecordRenewalFailure();
                        wait = gate.IsValid ? Renewal : wait * 2 < LongestRenewal ? wait * 2 : LongestRenewal;
                    }
                }

                await TryAsync(sources.CloseUnusedAsync);
                await Task.Delay(wait, time, stoppingToken);
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

        // The time is taken before the statement runs, so the lease ends no earlier by the master's clock.
        var until = time.GetTimestamp() + (long)(ConnectionShares.Lease.TotalSeconds * time.TimestampFrequency);
        var share = await shares.RenewAsync(gate.Instance, acknowledged, cancellationToken);
        if (share.Held < acknowledged)
        {
            // The lease had ended, and other instances have got the share of this one. They counted none of its
            // connections, so those that it still counts were lost before.
            gate.Lower(share.Held, out var forgotten);
            await sources.CloseAsync(forgotten);
        }

        gate.Raise(Math.Min(share.Held, share.Fair), until);
        return share;
    }

    private async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The lease runs out. Open connections stay in use, and no new one is opened.
            if (_failure?.Message != e.Message)
            {
                LogNotRenewed(logger, e.Message);
            }

            _failure = e;
            return false;
        }
    }

    private void NoteSuccess()
    {
        if (_failure is not null)
        {
            _failure = null;
            LogRenewed(logger);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "This instance's share of the connections to the server could not be renewed: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "This instance's share of the connections to the server is renewed again")]
    private static partial void LogRenewed(ILogger logger);
}
