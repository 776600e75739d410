using Microsoft.Extensions.Logging;
using Npgsql;

namespace Vigia.Core.Operations;

/// <summary>
/// Renews one claim while its operation runs. Ends the work when the claim is lost, when a person cancels the
/// operation, or when the master could not be reached for the duration of the lease.
/// </summary>
// More than five dependencies: it is made for one claim and takes what belongs to that claim from the runner.
internal sealed partial class OperationLease : IAsyncDisposable
{
    private readonly OperationClaims _claims;
    private readonly Claim _claim;
    private readonly OperationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _owned;
    private readonly CancellationTokenSource _work;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public OperationLease(
        OperationClaims claims, Claim claim, OperationOptions options, TimeProvider time, ILogger logger,
        CancellationToken stopping)
    {
        (_claims, _claim, _options, _time, _logger) = (claims, claim, options, time, logger);
        _owned = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _work = CancellationTokenSource.CreateLinkedTokenSource(_owned.Token);
        _loop = RenewAsync();
    }

    /// <summary>
    /// Cancelled when the work must end. <see cref="IsLost"/> and <see cref="IsCancelRequested"/> say why.
    /// </summary>
    public CancellationToken Work => _work.Token;

    /// <summary>
    /// Cancelled only when the claim is lost or the process stops. Compensation runs under this token.
    /// </summary>
    public CancellationToken Owned => _owned.Token;

    public bool IsLost { get; private set; }

    public bool IsCancelRequested { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
        _work.Dispose();
        _owned.Dispose();
    }

    private async Task RenewAsync()
    {
        var renewed = _time.GetTimestamp();
        var cancelling = _claim.Cancelling;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_options.Renewal, _time, _stop.Token);
                switch (await _claims.RenewAsync(_claim, _stop.Token))
                {
                    case null:
                        IsLost = true;
                        await _owned.CancelAsync();
                        return;
                    case true when !cancelling:
                        // Only the step is cancelled. Compensation follows under the same lease.
                        cancelling = IsCancelRequested = true;
                        await _work.CancelAsync();
                        break;
                }

                renewed = _time.GetTimestamp();
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                LogNotRenewed(_logger, e, _claim.Id);
                if (_time.GetElapsedTime(renewed) >= _options.Lease)
                {
                    // Another worker may have claimed the operation by now.
                    IsLost = true;
                    await _owned.CancelAsync();
                    return;
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease of operation {OperationId} could not be renewed")]
    private static partial void LogNotRenewed(ILogger logger, Exception exception, Guid operationId);
}
