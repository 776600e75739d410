using Vigia.Core.Errors;

namespace Vigia.Core.Operations;

/// <summary>What became of one client in an operation on many.</summary>
public sealed class OperationItem
{
    public Guid OperationId { get; init; }

    /// <summary>No foreign key: history outlives the client.</summary>
    public int TenantId { get; init; }

    /// <summary>The legal name when it was asked for, else the sub-domain.</summary>
    public string? Name { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public OperationItemState State { get; set; }

    /// <summary>Why it was skipped or failed; null otherwise.</summary>
    public Message? Message { get; set; }

    /// <summary>An operation on this client alone that this one began.</summary>
    public Guid? ChildOperationId { get; set; }

    /// <summary>When it was done, skipped or failed.</summary>
    public DateTimeOffset? At { get; set; }
}

/// <summary>Stored in lower case.</summary>
public enum OperationItemState
{
    Pending,
    Done,
    Skipped,
    Failed,
}
