using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Mail;

/// <summary>Sends the mail in the outbox, except on a copied master. See docs/rules.md#copied-master.</summary>
public sealed partial class MailWorker(
    MailSender sender, MasterIdentity identity, TimeProvider time, ILogger<MailWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                if (identity.ReadOnly is not null || !await TrySendAsync(stoppingToken))
                {
                    await Task.Delay(Poll, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task<bool> TrySendAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await sender.SendOneAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // When the master is unreachable, the mail is sent later.
            if (!TransientFailures.IsServerUnavailable(e))
            {
                LogUnexpectedError(logger, e);
            }

            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Sending mail met an unexpected error and continues")]
    private static partial void LogUnexpectedError(ILogger logger, Exception exception);
}
