using Microsoft.AspNetCore.Components;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Portal.Components.Operations;

/// <summary>The result of an operation or the reason why it is held up, in one sentence with advice.</summary>
public sealed partial class OperationOutcome(TimeProvider time)
{
    [Parameter, EditorRequired]
    public Operation Operation { get; set; } = default!;

    /// <summary>
    /// The tenant as it is now. The result of the operation is offered only while it still holds. Null when there is
    /// none.
    /// </summary>
    [Parameter]
    public TenantLookup? Tenant { get; set; }

    /// <summary>Whether the person may take a tenant back out of the trash.</summary>
    [Parameter]
    public bool MayRestore { get; set; }

    /// <summary>
    /// The items of an operation on many tenants by their state. Null until they are known, and for other operations.
    /// </summary>
    [Parameter]
    public IReadOnlyDictionary<OperationItemState, int>? Counts { get; set; }

    // "9 hechos · 1 omitido": without it, a good colour would stand above tenants that were left out.
    private string? Summary => Counts is not { Count: > 0 } counts ? null : string.Join(" · ",
        counts.Where(count => count.Value > 0).OrderBy(count => count.Key)
            .Select(count => T[$"Count_{count.Key}", count.Value].Value));

    private bool LeftSomeOut => Counts?.Any(
        count => count is { Key: OperationItemState.Skipped or OperationItemState.Failed, Value: > 0 }) == true;

    private string DoneKey => $"Done_{Operation.Kind}{(TenantDeletion.DropsAtOnce(Operation) ? "_at_once" : null)}";
}
