using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// A durable change outside the master that runs in steps and can be resumed. See docs/rules.md#operation.
/// </summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class Operation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required OperationKind Kind { get; init; }
    public OperationState State { get; set; }

    /// <summary>Not a foreign key, because history stays longer than the tenant.</summary>
    public int? TenantId { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }

    /// <summary>
    /// The name by which people know the tenant. Not stored: lists fill it where it is asked for.
    /// </summary>
    public string? TenantName { get; set; }
    public int ServerId { get; init; }

    /// <summary>The operation that began this one and waits for its end. Null for most operations.</summary>
    public Guid? ParentId { get; init; }
    /// <summary>The recurring job that queued it. Null for what a person or another operation requested.</summary>
    public string? Job { get; init; }
    public Guid? RequestedBy { get; init; }
    public required string RequestedByName { get; init; }

    /// <summary>
    /// The W3C trace id of the click or call that requested the operation. The background work continues the same
    /// trace.
    /// </summary>
    public string? TraceId { get; init; }
    public string? ParentSpanId { get; init; }

    /// <summary>The data that the steps need, as JSON. Never a secret.</summary>
    public string Data { get; set; } = "{}";

    /// <summary>0 for work that a person requested, 10 for background work. Lower numbers run first.</summary>
    public int Priority { get; init; }
    public int Attempt { get; set; }

    /// <summary>
    /// How many times in a row the process died while it worked on the operation. Every finished step and every orderly
    /// end of a run resets it to 0.
    /// </summary>
    public int Crashes { get; set; }

    /// <summary>Raised by every claim. A worker with an older epoch has lost the operation.</summary>
    public long Epoch { get; set; }
    public string? Worker { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
    public DateTimeOffset? NotBefore { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>0 to 100.</summary>
    public int Progress { get; set; }

    /// <summary>Why the operation failed, waits or backs off. Null otherwise.</summary>
    public Message? Error { get; set; }

    /// <summary>
    /// The number of tenants of an operation on many tenants. Null for an operation on one tenant or on none.
    /// </summary>
    public int? ItemCount { get; set; }

    public ICollection<OperationStep> Steps { get; init; } = [];

    /// <summary>
    /// Whether the operation is paused because a step can't continue yet (<see cref="NotYetException"/>). An operation
    /// that backs off has an error, and one that was never claimed has no <see cref="NotBefore"/>.
    /// </summary>
    public bool IsPaused => this is { State: OperationState.Queued, NotBefore: not null, Error: null };

    /// <summary>
    /// Whether a worker has to claim the operation before anything happens: it is queued, also after a pause or a
    /// back-off, or its cancel has not begun.
    /// </summary>
    public bool WaitsForWorker =>
        this is { State: OperationState.Queued } or { State: OperationState.Cancelling, Worker: null };

    /// <summary>The state that people see. A paused operation counts as running, although no worker has it.</summary>
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

[StoredInLowerCase]
public enum OperationState
{
    Queued,
    Running,

    /// <summary>The operation needs a person before it can continue.</summary>
    Waiting,
    Succeeded,
    Failed,
    Cancelling,
    Cancelled,
}

[StoredInLowerCase]
public enum StepState
{
    Pending,
    Running,
    Done,
    Failed,
    Compensated,

    /// <summary>The operation was cancelled, but the effects of this step stay.</summary>
    Stopped,
}
