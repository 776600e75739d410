using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// The steps of one kind of operation: named, ordered and idempotent. A step first checks whether its result already
/// exists and belongs to the portal, then acts, then checks the result. After a crash at any instruction it may run
/// again.
/// </summary>
public abstract class OperationDefinition
{
    /// <summary>The kind of the operations that this class defines.</summary>
    public abstract OperationKind Kind { get; }

    /// <summary>
    /// The right that is needed to request, retry or cancel the operation. For the portal's own recurring work it is
    /// the right to control operations.
    /// </summary>
    public abstract string Right { get; }

    /// <summary>Lists the steps for this operation's data, in order.</summary>
    public abstract IReadOnlyList<Step> StepsFor(Operation operation);

    /// <summary>
    /// Whether a person may cancel the operation now. The finished steps are then compensated in reverse order.
    /// </summary>
    public virtual bool CanCancel(Operation operation) => false;

    /// <summary>
    /// Whether the result of the operation is already committed. Then a cancel comes too late: compensating would
    /// remove things that the registry lists as existing. The remaining steps run instead.
    /// </summary>
    public virtual Task<bool> IsTooLateToCancelAsync(OperationContext context, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    /// <summary>
    /// Whether the operation makes its tenant ready. While a tenant is <c>failed</c>, the last failed operation of this
    /// type is the one to retry.
    /// </summary>
    public virtual bool MakesTenantReady => false;

    /// <summary>
    /// Whether the words for an operation depend on its data. Lists leave out the data of all other kinds.
    /// </summary>
    public virtual bool IsNamedByData => false;

    /// <summary>
    /// Whether a failure is written even while the audit trail accepts no records. For an operation that changes
    /// nothing and reports problems by failing.
    /// </summary>
    public virtual bool MayEndUnrecorded => false;

    /// <summary>Writes the consequences of a failure, in the transaction that marks the operation as failed.</summary>
    public virtual Task OnFailedAsync(
        MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>
    /// Writes the consequences of a cancel, in the transaction that marks the operation as cancelled.
    /// </summary>
    public virtual Task OnCancelledAsync(
        MasterContext db, OperationContext context, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Counts what a retry would do, for a person to confirm. Null for an operation that is not on many tenants.
    /// </summary>
    public virtual Task<RetryPlan?> PlanRetryAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        Task.FromResult<RetryPlan?>(null);

    /// <summary>
    /// Writes the consequences of a retry by a person, in the transaction that queues the operation again. Refuses
    /// (<see cref="RuleException"/>) a retry whose conditions no longer hold.
    /// </summary>
    public virtual Task OnRetryAsync(
        MasterContext db, Operation operation, Actor actor, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>
    /// Refuses (<see cref="RuleException"/>) a cancel by a person that would undo the result of a later operation. Runs
    /// in the transaction that marks the cancel.
    /// </summary>
    public virtual Task OnCancelRequestAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>
/// One step: its stored name, its action, and the compensation that runs when the operation is cancelled.
/// </summary>
public sealed record Step(
    string Name,
    Func<OperationContext, CancellationToken, Task> RunAsync,
    Func<OperationContext, CancellationToken, Task>? CompensateAsync = null)
{
    /// <summary>
    /// Whether the effects of the step stay when the operation is cancelled. People then see that it was stopped, not
    /// that it was undone.
    /// </summary>
    public bool KeepsEffects { get; init; }
}

/// <summary>The definitions by kind.</summary>
public sealed class OperationCatalog(IEnumerable<OperationDefinition> definitions)
{
    private readonly IReadOnlyDictionary<OperationKind, OperationDefinition> _byKind =
        definitions.ToDictionary(d => d.Kind);

    /// <exception cref="InvalidOperationException">This build has no operation of that kind.</exception>
    public OperationDefinition this[OperationKind kind] =>
        _byKind.TryGetValue(kind, out var definition) ? definition
            : throw new InvalidOperationException($"No operation of kind {kind} in this build.");

    /// <summary>
    /// The kinds that this build can run. A worker claims no others, so that a rolling upgrade works.
    /// </summary>
    public OperationKind[] Kinds => [.. _byKind.Keys];

    /// <summary>The kinds whose data lists have to read.</summary>
    public OperationKind[] KindsNamedByData { get; } =
        [.. definitions.Where(d => d.IsNamedByData).Select(d => d.Kind)];

    /// <summary>The kinds that make a tenant ready.</summary>
    public OperationKind[] KindsThatMakeReady { get; } =
        [.. definitions.Where(d => d.MakesTenantReady).Select(d => d.Kind)];
}
