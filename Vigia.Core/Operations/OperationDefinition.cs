using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// What an operation of one kind does: named, ordered, idempotent steps. A step looks whether its result is already there (and ours), acts,
/// then checks; it may run again after a crash at any instruction.
/// </summary>
public abstract class OperationDefinition
{
    /// <summary>Stable snake_case name, stored.</summary>
    public abstract string Kind { get; }

    /// <summary>The steps for this operation's data, in order.</summary>
    public abstract IReadOnlyList<Step> StepsFor(Operation operation);

    /// <summary>Whether a person may cancel it now; what was done is then compensated in reverse.</summary>
    public virtual bool CanCancel(Operation operation) => false;

    /// <summary>
    /// Whether what the operation is for has been committed already. A person's cancel is too late then: undoing the steps would take apart what the
    /// registry says is there, so the rest is done instead.
    /// </summary>
    public virtual Task<bool> IsTooLateToCancelAsync(OperationContext context, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Writes what failing means, in the transaction that marks the operation failed.</summary>
    public virtual Task OnFailedAsync(MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes what cancelling means, in the transaction that marks the operation cancelled.</summary>
    public virtual Task OnCancelledAsync(MasterContext db, OperationContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Writes what a person's retry means, in the transaction that queues the operation again.</summary>
    public virtual Task OnRetryAsync(MasterContext db, Operation operation, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>One step: its stored name, what it does, and how it is undone when the operation is cancelled.</summary>
public sealed record Step(
    string Name,
    Func<OperationContext, CancellationToken, Task> RunAsync,
    Func<OperationContext, CancellationToken, Task>? CompensateAsync = null)
{
    /// <summary>What it did is not undone when the operation is cancelled: people are told that it stopped, not that it was taken back.</summary>
    public bool Keeps { get; init; }
}

/// <summary>The definitions by kind.</summary>
public sealed class OperationCatalog(IEnumerable<OperationDefinition> definitions)
{
    private readonly Dictionary<string, OperationDefinition> _byKind = definitions.ToDictionary(d => d.Kind);

    /// <exception cref="InvalidOperationException">No such kind in this build.</exception>
    public OperationDefinition this[string kind] =>
        _byKind.TryGetValue(kind, out var definition) ? definition : throw new InvalidOperationException($"No operation of kind {kind} in this build.");

    /// <summary>The kinds this build can run; a worker claims no others, so that a rolling upgrade works.</summary>
    public string[] Kinds => [.. _byKind.Keys];
}
