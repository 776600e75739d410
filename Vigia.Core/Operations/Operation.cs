using Vigia.Core.Errors;

namespace Vigia.Core.Operations;

/// <summary>A change to the world: durable, stepwise, resumable (architecture section 4). The row is queue, history and what people see.</summary>
public sealed class Operation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required string Kind { get; init; }
    public OperationState State { get; set; }

    /// <summary>No foreign key: history outlives the client.</summary>
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public int ServerId { get; init; }

    /// <summary>The operation that began this one and waits for its end; null for most.</summary>
    public Guid? ParentId { get; init; }
    public Guid? RequestedBy { get; init; }
    public required string RequestedByName { get; init; }

    /// <summary>W3C trace id of the click or call that asked for it; the background work continues the same trace.</summary>
    public string? TraceId { get; init; }
    public string? ParentSpanId { get; init; }

    /// <summary>What the steps need, as JSON; never a secret.</summary>
    public string Data { get; set; } = "{}";

    /// <summary>0 for a person's work, 10 for background work; lower goes first.</summary>
    public int Priority { get; init; }
    public int Attempt { get; set; }

    /// <summary>Raised with every claim; a worker with an older epoch has lost the operation.</summary>
    public long Epoch { get; set; }
    public string? Worker { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
    public DateTimeOffset? NotBefore { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>0 to 100.</summary>
    public int Progress { get; set; }

    /// <summary>Why it failed, waits or backs off; null otherwise.</summary>
    public Message? Error { get; set; }

    /// <summary>How many clients work on many was asked for; null for work on one or on none.</summary>
    public int? ItemCount { get; set; }

    public ICollection<OperationStep> Steps { get; init; } = [];

    /// <summary>
    /// Given back until later by a step that can't go on yet (<see cref="NotYetException"/>). What backs off after an error has one, and what was never
    /// claimed has no moment before which it rests.
    /// </summary>
    public bool IsPaused => this is { State: OperationState.Queued, NotBefore: not null, Error: null };

    /// <summary>The state people see: a paused one is under way, though no worker has it.</summary>
    public OperationState ShownState => IsPaused ? OperationState.Running : State;
}

/// <summary>One named step of an operation, as people see it.</summary>
public sealed class OperationStep
{
    public Guid OperationId { get; init; }
    public int Ordinal { get; init; }
    public required string Name { get; init; }
    public StepState State { get; set; }
    public int Attempt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }
    public Message? Detail { get; set; }
    public Message? Error { get; set; }
}

/// <summary>Stored in lower case.</summary>
public enum OperationState
{
    Queued,
    Running,

    /// <summary>Needs a person.</summary>
    Waiting,
    Succeeded,
    Failed,
    Cancelling,
    Cancelled,
}

/// <summary>Stored in lower case.</summary>
public enum StepState
{
    Pending,
    Running,
    Done,
    Failed,
    Compensated,

    /// <summary>Cancelled on the way; what it did stays.</summary>
    Stopped,
}
