using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Mail;

/// <summary>
/// A mail to send, written in the transaction of its cause. It is sent if and only if that transaction was committed.
/// </summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class OutboxMessage
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The kind of mail: <c>tenant_invitation</c>, <c>staff_invitation</c>, …</summary>
    public required string Kind { get; init; }
    public int? TenantId { get; init; }
    public Guid? StaffId { get; init; }
    public required string Recipient { get; init; }
    public required string Subject { get; init; }

    /// <summary>
    /// The text, encrypted by Data Protection because it contains a one-time link. Null after the mail was sent or has
    /// failed.
    /// </summary>
    public string? ProtectedBody { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public OutboxState State { get; set; }
    public int Attempts { get; set; }

    /// <summary>The earliest moment of the next attempt, for the back-off.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>The moment after which its link is useless and the mail is not sent any more.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public Message? Error { get; set; }
}

[StoredInLowerCase]
public enum OutboxState
{
    Pending,
    Sent,
    Failed,

    /// <summary>A newer link replaced the link of this mail before it was sent.</summary>
    Superseded,
}
