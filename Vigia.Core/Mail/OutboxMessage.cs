using Vigia.Core.Errors;

namespace Vigia.Core.Mail;

/// <summary>A mail to be sent, written in the transaction of its cause: it is sent if and only if that was committed.</summary>
public sealed class OutboxMessage
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>What it is: <c>tenant_invitation</c>, <c>staff_invitation</c>, …</summary>
    public required string Kind { get; init; }
    public int? TenantId { get; init; }
    public Guid? StaffId { get; init; }
    public required string Recipient { get; init; }
    public required string Subject { get; init; }

    /// <summary>The text, sealed by Data Protection (it holds a one-time link); null once it is sent or given up.</summary>
    public string? ProtectedBody { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    public OutboxState State { get; set; }
    public int Attempts { get; set; }

    /// <summary>Not tried before this; for the back-off.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>After this its link is worth nothing and it is not sent any more.</summary>
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? SentAt { get; set; }

    /// <summary>Why the last try failed.</summary>
    public Message? Error { get; set; }
}

/// <summary>Stored in lower case.</summary>
public enum OutboxState
{
    Pending,
    Sent,
    Failed,

    /// <summary>Its link was replaced by a newer one before it was sent.</summary>
    Superseded,
}
