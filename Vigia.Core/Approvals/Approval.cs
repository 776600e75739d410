namespace Vigia.Core.Approvals;

/// <summary>A destructive action that waits for a second person: the operation is <c>waiting</c> until it is decided or expires.</summary>
public sealed class Approval
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public Guid OperationId { get; init; }

    /// <summary>What is asked for: the operation's kind.</summary>
    public required string Action { get; init; }
    public int TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public string? LegalName { get; init; }
    public Guid RequestedBy { get; init; }
    public required string RequestedByName { get; init; }
    public DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public required string Reason { get; init; }

    /// <summary>All that the first person saw when asking, as JSON.</summary>
    public string Seen { get; init; } = "{}";
    public ApprovalState State { get; set; }
    public Guid? DecidedBy { get; set; }
    public string? DecidedByName { get; set; }
    public DateTimeOffset? DecidedAt { get; set; }
    public string? DecisionReason { get; set; }
}

/// <summary>Stored in lower case.</summary>
public enum ApprovalState
{
    Waiting,
    Approved,
    Refused,
    Expired,

    /// <summary>Taken back by who asked, or by cancelling the operation.</summary>
    Withdrawn,
}
