using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Decisions;

/// <summary>
/// Defines what an approval means for operations of one kind. Each feature whose operations wait for a second person
/// registers one, so that <see cref="ApprovalService"/> does not depend on those features.
/// </summary>
public abstract class OperationApproval
{
    /// <summary>The kind of the waiting operations.</summary>
    public abstract OperationKind Kind { get; }

    /// <summary>The right that the second person needs in addition to the right to decide.</summary>
    public abstract string Right { get; }

    /// <summary>The meaning of the second person's signature, as the audit trail names it.</summary>
    public abstract string SignatureMeaning { get; }

    /// <summary>
    /// Prepares the operation to begin with the tenant as it is now. The caller queues it and commits.
    /// <paramref name="db"/> has an open transaction that has locked the tenant and the operation.
    /// </summary>
    /// <exception cref="RuleException">The request is no longer possible.</exception>
    public abstract Task BeginAsync(MasterContext db, Operation operation, CancellationToken cancellationToken);
}
