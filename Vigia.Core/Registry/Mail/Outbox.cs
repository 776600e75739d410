using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Mail;

/// <summary>A mail to write into the outbox.</summary>
/// <param name="Kind">The kind of mail. See <see cref="OutboxMessage.Kind"/>.</param>
/// <param name="Recipient">The address.</param>
/// <param name="Subject">The subject in one line.</param>
/// <param name="Body">The plain text. It may contain a one-time link and is stored encrypted.</param>
/// <param name="ExpiresAt">The moment after which the mail is useless and is not sent.</param>
public sealed record OutgoingMail(string Kind, string Recipient, string Subject, string Body, DateTimeOffset ExpiresAt);

/// <summary>
/// Sends mail through a table: a mail is written in the transaction of its cause, and sent after the commit. The body
/// is encrypted by Data Protection until it is sent, and removed afterwards. The encryption is bound to the kind, the
/// recipient and the expiry: in another row, or with another address, the body can't be decrypted.
/// </summary>
public sealed class Outbox(
    IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection, IOptionsMonitor<MailOptions> options,
    TimeProvider time)
{
    public const string TenantInvitation = "tenant_invitation";

    /// <summary>A one-time link for a member of staff.</summary>
    public const string StaffLink = "staff_link";

    /// <summary>A notice to administrators about the team.</summary>
    public const string StaffNotice = "staff_notice";

    /// <summary>Whether mail can be sent. If not, the person with the right delivers the message themselves.</summary>
    public bool IsConfigured => options.CurrentValue.IsConfigured;

    /// <summary>Reads the last mail of one kind to a tenant, with its state. Null when there is none.</summary>
    public async Task<OutboxMessage?> LastAsync(
        Actor actor, int tenantId, string kind, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<OutboxMessage>().AsNoTracking().Where(m => m.TenantId == tenantId && m.Kind == kind)
            .OrderByDescending(m => m.CreatedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Adds a mail to <paramref name="db"/>. The caller saves and commits.</summary>
    internal void Add(MasterContext db, OutgoingMail mail, int? tenantId, Guid? staffId)
    {
        var (now, until) = (time.GetUtcNow(), Stored(mail.ExpiresAt));
        db.Set<OutboxMessage>().Add(new OutboxMessage
        {
            Kind = mail.Kind,
            TenantId = tenantId,
            StaffId = staffId,
            Recipient = mail.Recipient,
            Subject = mail.Subject,
            ProtectedBody = Seal(mail.Kind, mail.Recipient, until).Protect(mail.Body),
            CreatedAt = now,
            NotBefore = now,
            ExpiresAt = until,
        });
    }

    /// <summary>
    /// Marks the pending mails of one kind to a tenant as superseded, because a newer link has replaced theirs.
    /// </summary>
    internal static Task<int> SupersedeAsync(
        MasterContext db, int tenantId, string kind, CancellationToken cancellationToken) =>
        db.Set<OutboxMessage>().Where(m => m.TenantId == tenantId && m.Kind == kind && m.State == OutboxState.Pending)
            .ExecuteUpdateAsync(
                s => s.SetProperty(m => m.State, OutboxState.Superseded)
                .SetProperty(m => m.ProtectedBody, (string?)null), cancellationToken);

    /// <summary>
    /// Changes the address of a tenant's pending invitations. Mails about the tenant to other people keep their
    /// address.
    /// </summary>
    internal Task RedirectAsync(
        MasterContext db, int tenantId, string recipient, CancellationToken cancellationToken) =>
        RewriteInvitationsAsync(db, tenantId, recipient, body => body, cancellationToken);

    /// <summary>Changes the text of a tenant's pending invitations, because its address has changed.</summary>
    internal Task MoveInvitationsAsync(
        MasterContext db, int tenantId, Func<string, string> move, CancellationToken cancellationToken) =>
        RewriteInvitationsAsync(db, tenantId, null, move, cancellationToken);

    private async Task RewriteInvitationsAsync(
        MasterContext db, int tenantId, string? recipient, Func<string, string> rewrite,
        CancellationToken cancellationToken)
    {
        var waiting = await db.Set<OutboxMessage>().FromSql($"""
            SELECT * FROM portal.outbox_messages
            WHERE tenant_id = {tenantId} AND kind = {TenantInvitation} AND state = 'pending' FOR UPDATE
            """).AsNoTracking().OrderBy(m => m.Id).ToListAsync(cancellationToken);
        foreach (var message in waiting)
        {
            string body;
            var to = recipient ?? message.Recipient;
            try
            {
                body = Seal(message.Kind, to, message.ExpiresAt).Protect(rewrite(Open(message)));
            }
            catch (CryptographicException)
            {
                // The row was altered. The sender finds that too, and logs it.
                continue;
            }

            await db.Set<OutboxMessage>().Where(m => m.Id == message.Id)
                .ExecuteUpdateAsync(
                    s => s.SetProperty(m => m.Recipient, to).SetProperty(m => m.ProtectedBody, body),
                    cancellationToken);
        }
    }

    /// <exception cref="CryptographicException">The row was altered, or the key is missing.</exception>
    internal string Open(OutboxMessage message) => message.ProtectedBody is { } body
        ? Seal(message.Kind, message.Recipient, message.ExpiresAt).Unprotect(body)
        : throw new CryptographicException("The mail has no body.");

    private IDataProtector Seal(string kind, string recipient, DateTimeOffset expiresAt) =>
        protection.CreateProtector(
            "Outbox", kind, recipient, Stored(expiresAt).ToString("O", CultureInfo.InvariantCulture));

    // PostgreSQL stores microseconds.
    private static DateTimeOffset Stored(DateTimeOffset moment) =>
        moment.ToUniversalTime().AddTicks(-(moment.Ticks % TimeSpan.TicksPerMicrosecond));
}
