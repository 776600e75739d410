using System.Net.Sockets;
using System.Security.Cryptography;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Mail;

/// <summary>
/// Sends due mails one at a time. Several instances share the table. A mime is sent at least once: when a process
/// dies after the server has accepted it, the mime is sent again.
/// </summary>
public sealed partial class MailSender(
    IDbContextFactory<MasterContext> contexts, Outbox outbox, IOptionsMonitor<MailOptions> options, TimeProvider time,
    ILogger<MailSender> logger)
{
    /// <summary>The longest time for one attempt. After that another instance takes the mime over.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Claims one due mime and tries to send it.</summary>
    /// <returns>Whether a mime was due.</returns>
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

        string body;
        try
        {
            body = outbox.Open(message);
        }
        catch (CryptographicException e)
        {
            LogAltered(logger, message.Id, message.Kind, e);
            await EndAsync(message, OutboxState.Failed, new Message("mail_altered"), cancellationToken);
            return true;
        }

        try
        {
            await SendAsync(message, body, cancellationToken);
            await EndAsync(message, OutboxState.Sent, null, cancellationToken);
        }
        catch (Exception e) when (IsFinal(e))
        {
            LogRefused(logger, message.Id, e.Message);
            await EndAsync(message, OutboxState.Failed, new Message("mail_refused", e.Message), cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or CommandException
            or MailKit.Security.AuthenticationException or SslHandshakeException or TimeoutException)
        {
            LogRetry(logger, message.Id, message.Attempts, e.Message);
            await PostponeAsync(message, new Message("mail_not_sent", e.Message), cancellationToken);
        }

        return true;
    }

    /// <summary>The pause before the next attempt: 30 s, 1 min, 2 min, … up to one hour.</summary>
    internal static TimeSpan Pause(int attempts) =>
        TimeSpan.FromSeconds(
            Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Max(0, attempts - 1))));

    // A 5xx answer about the mime is final, because the server will not accept the same mime later. A 5xx answer
    // about the session (sign-in) is not final, because a person may correct the settings.
    private static bool IsFinal(Exception e) => e is FormatException or SmtpCommandException
    {
        ErrorCode: SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted,
        StatusCode: >= (SmtpStatusCode)500,
    };

    private async Task<OutboxMessage?> ClaimAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var message = await db.Set<OutboxMessage>()
            .FromSql($"""
                SELECT * FROM portal.outbox_messages WHERE state = 'pending' AND not_before <= {now}
                ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED
                """)
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

    private async Task SendAsync(OutboxMessage message, string body, CancellationToken cancellationToken)
    {
        var settings = options.CurrentValue;
        using var mime = new MimeMessage
        {
            Subject = message.Subject, Date = time.GetUtcNow(),
            MessageId = $"{message.Id:N}@{settings.From[(settings.From.LastIndexOf('@') + 1)..].TrimEnd('>')}"
        };
        var from = MailboxAddress.Parse(settings.From);
        mime.From.Add(new MailboxAddress(settings.FromName, EmailAddress.ToAscii(from.Address)));
        mime.To.Add(new MailboxAddress(null, EmailAddress.ToAscii(message.Recipient)));
        mime.Body = new TextPart("plain") { Text = body };
        using var client = new SmtpClient { Timeout = 30_000 };
        var security = settings.Security switch
        {
            MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
            MailSecurity.None => SecureSocketOptions.None,
            _ => SecureSocketOptions.StartTls
        };
        await client.ConnectAsync(settings.Host, settings.Port, security, cancellationToken);
        if (settings.User.Length > 0)
        {
            await client.AuthenticateAsync(settings.User, settings.Password, cancellationToken);
        }

        await client.SendAsync(mime, cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    private Task EndAsync(
        OutboxMessage message, OutboxState state, Message? error, CancellationToken cancellationToken)
    {
        var sent = state == OutboxState.Sent ? time.GetUtcNow() : (DateTimeOffset?)null;
        return StoreAsync(
            message,
            s => s.SetProperty(m => m.State, state).SetProperty(m => m.SentAt, sent).SetProperty(m => m.Error, error)
                .SetProperty(m => m.ProtectedBody, (string?)null), cancellationToken);
    }

    private Task PostponeAsync(OutboxMessage message, Message error, CancellationToken cancellationToken)
    {
        var again = time.GetUtcNow() + Pause(message.Attempts);
        return StoreAsync(
            message, s => s.SetProperty(m => m.NotBefore, again).SetProperty(m => m.Error, error), cancellationToken);
    }

    // Only while the mime is still pending: a newer link may have superseded it in the meantime. The open pages about
    // its tenant or its person show what became of it.
    private async Task StoreAsync(
        OutboxMessage message, Action<UpdateSettersBuilder<OutboxMessage>> set, CancellationToken cancellationToken)
    {
        var (channel, id) = message.TenantId is { } tenant ? ("vigia_tenants", $"{tenant}")
            : ("vigia_staff", $"{message.StaffId}");
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Set<OutboxMessage>().Where(m => m.Id == message.Id && m.State == OutboxState.Pending)
            .ExecuteUpdateAsync(set, cancellationToken);
        if (id.Length > 0)
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_notify({channel}, {id})", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Critical,
        Message = "Mail {MessageId} ({Kind}) was altered, or its key is missing; it is not sent")]
    private static partial void LogAltered(ILogger logger, Guid messageId, string kind, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Mail {MessageId} was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, Guid messageId, string reason);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Mail {MessageId} could not be sent (attempt {Attempt}) and is tried again: {Reason}")]
    private static partial void LogRetry(ILogger logger, Guid messageId, int attempt, string reason);
}
