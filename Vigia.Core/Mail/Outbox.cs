using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Mail;

/// <summary>A mail to be written into the outbox.</summary>
/// <param name="Kind">What it is, see <see cref="OutboxMessage.Kind"/>.</param>
/// <param name="Recipient">The address.</param>
/// <param name="Subject">One line.</param>
/// <param name="Body">Plain text; may hold a one-time link, and is stored sealed.</param>
/// <param name="ExpiresAt">After this it is worth nothing and is not sent.</param>
public sealed record Letter(string Kind, string Recipient, string Subject, string Body, DateTimeOffset ExpiresAt);

/// <summary>
/// Mail goes out through a table: a letter is written in the transaction of its cause and sent when that has committed. What is stored is sealed
/// by Data Protection until it is sent, and gone afterwards.
/// </summary>
public sealed class Outbox(IDbContextFactory<MasterContext> contexts, IDataProtectionProvider protection, IOptionsMonitor<MailOptions> options, TimeProvider time)
{
    public const string TenantInvitation = "tenant_invitation";

    private readonly IDataProtector _protector = protection.CreateProtector("Vigia.Mail.Outbox");

    /// <summary>Whether mail can be sent; without, the person with the right hands the message over themselves.</summary>
    public bool IsConfigured => options.CurrentValue.IsConfigured;

    /// <summary>The last mail to a client of one kind, with its state; null when there has been none.</summary>
    public async Task<OutboxMessage?> LastAsync(Actor actor, int tenantId, string kind, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Outbox.AsNoTracking().Where(m => m.TenantId == tenantId && m.Kind == kind).OrderByDescending(m => m.CreatedAt).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Adds a letter to <paramref name="db"/>; the caller saves and commits.</summary>
    internal void Add(MasterContext db, Letter letter, int? tenantId, Guid? staffId)
    {
        var now = time.GetUtcNow();
        db.Outbox.Add(new OutboxMessage
        {
            Kind = letter.Kind,
            TenantId = tenantId,
            StaffId = staffId,
            Recipient = letter.Recipient,
            Subject = letter.Subject,
            ProtectedBody = _protector.Protect(letter.Body),
            CreatedAt = now,
            NotBefore = now,
            ExpiresAt = letter.ExpiresAt,
        });
    }

    /// <summary>What waits for a client is not sent any more: a newer link has replaced its own.</summary>
    internal static Task<int> SupersedeAsync(MasterContext db, int tenantId, string kind, CancellationToken cancellationToken) =>
        db.Outbox.Where(m => m.TenantId == tenantId && m.Kind == kind && m.State == OutboxState.Pending)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.State, OutboxState.Superseded).SetProperty(m => m.ProtectedBody, (string?)null), cancellationToken);

    /// <summary>What waits for a client goes to another address.</summary>
    internal static Task<int> RedirectAsync(MasterContext db, int tenantId, string recipient, CancellationToken cancellationToken) =>
        db.Outbox.Where(m => m.TenantId == tenantId && m.State == OutboxState.Pending).ExecuteUpdateAsync(s => s.SetProperty(m => m.Recipient, recipient), cancellationToken);

    internal string Open(OutboxMessage message) => _protector.Unprotect(message.ProtectedBody!);
}
