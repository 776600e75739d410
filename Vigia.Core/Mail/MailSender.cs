using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Mail;

/// <summary>Sends what is due, one letter at a time; several instances share the table. At least once: a process that dies after the server said yes sends it again.</summary>
public sealed partial class MailSender(IDbContextFactory<MasterContext> contexts, Outbox outbox, IOptionsMonitor<MailOptions> options, TimeProvider time, ILogger<MailSender> logger)
{
    /// <summary>How long one try may take; another instance takes a letter over after that.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Takes one letter that is due and tries to send it.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> SendOneAsync(CancellationToken cancellationToken)
    {
        if (!options.CurrentValue.IsConfigured || await ClaimAsync(cancellationToken) is not { } message)
        {
            return false;
        }

        if (message.ExpiresAt <= time.GetUtcNow())
        {
            await EndAsync(message, OutboxState.Failed, new Message("mail_expired"), cancellationToken);
            return true;
        }

        try
        {
            await SendAsync(message, cancellationToken);
            await EndAsync(message, OutboxState.Sent, null, cancellationToken);
        }
        catch (Exception e) when (IsFinal(e))
        {
            LogRefused(logger, message.Id, e.Message);
            await EndAsync(message, OutboxState.Failed, new Message("mail_refused", e.Message), cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or CommandException or MailKit.Security.AuthenticationException or SslHandshakeException or TimeoutException)
        {
            LogTriesAgain(logger, message.Id, message.Attempts, e.Message);
            await PutOffAsync(message, new Message("mail_not_sent", e.Message), cancellationToken);
        }

        return true;
    }

    /// <summary>30 s, 1 min, 2 min, … up to an hour.</summary>
    internal static TimeSpan Pause(int attempts) =>
        TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Max(0, attempts - 1))));

    // The server says 5xx of this letter: the same letter will not be taken later. Of the session (sign-in), a person may mend it.
    private static bool IsFinal(Exception e) => e is SmtpCommandException
    {
        ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted, StatusCode: >= (SmtpStatusCode)500,
    };

    private async Task<OutboxMessage?> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var message = await db.Outbox.FromSql($"SELECT * FROM portal.outbox_messages WHERE state = 'pending' AND not_before <= {now} ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED")
            .SingleOrDefaultAsync(cancellationToken);
        if (message is null)
        {
            return null;
        }

        message.Attempts++;
        message.NotBefore = now + Lease;
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return message;
    }

    private async Task SendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var settings = options.CurrentValue;
        using var letter = new MimeMessage { Subject = message.Subject, Date = time.GetUtcNow(), MessageId = $"{message.Id:N}@{settings.From[(settings.From.LastIndexOf('@') + 1)..].TrimEnd('>')}" };
        var from = MailboxAddress.Parse(settings.From);
        letter.From.Add(new MailboxAddress(settings.FromName, from.Address));
        letter.To.Add(MailboxAddress.Parse(message.Recipient));
        letter.Body = new TextPart("plain") { Text = outbox.Open(message) };
        using var client = new SmtpClient { Timeout = 30_000 };
        var security = settings.Security switch { MailSecurity.Tls => SecureSocketOptions.SslOnConnect, MailSecurity.None => SecureSocketOptions.None, _ => SecureSocketOptions.StartTls };
        await client.ConnectAsync(settings.Host, settings.Port, security, cancellationToken);
        if (settings.User.Length > 0)
        {
            await client.AuthenticateAsync(settings.User, settings.Password, cancellationToken);
        }

        await client.SendAsync(letter, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    // Only while it is still ours to end: a newer link may have replaced it meanwhile.
    private async Task EndAsync(OutboxMessage message, OutboxState state, Message? error, CancellationToken cancellationToken)
    {
        var sent = state == OutboxState.Sent ? time.GetUtcNow() : (DateTimeOffset?)null;
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Outbox.Where(m => m.Id == message.Id && m.State == OutboxState.Pending).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.State, state).SetProperty(m => m.SentAt, sent).SetProperty(m => m.Error, error).SetProperty(m => m.ProtectedBody, (string?)null), cancellationToken);
    }

    private async Task PutOffAsync(OutboxMessage message, Message error, CancellationToken cancellationToken)
    {
        var again = time.GetUtcNow() + Pause(message.Attempts);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await db.Outbox.Where(m => m.Id == message.Id && m.State == OutboxState.Pending)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.NotBefore, again).SetProperty(m => m.Error, error), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MessageId} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, Guid messageId, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MessageId} could not be sent (try {Attempt}) and is tried again: {Reason}")]
    private static partial void LogTriesAgain(ILogger logger, Guid messageId, int attempt, string reason);
}
