using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Vigia.Core.Master;

namespace Vigia.Core.Mail;

/// <summary>Empties the outbox. A master that may be a copy sends nothing: the original does (invariant 11).</summary>
public sealed partial class MailWorker(MailSender sender, MasterIdentity identity, TimeProvider time, ILogger<MailWorker> logger) : BackgroundService
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
            // The master is away, or a letter can't be opened: what can be sent later is.
            if (e is not NpgsqlException)
            {
                LogStumbled(logger, e);
            }

            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Sending mail stumbled and goes on")]
    private static partial void LogStumbled(ILogger logger, Exception exception);
}
