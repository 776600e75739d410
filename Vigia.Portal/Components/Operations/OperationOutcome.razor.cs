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

    private string DoneKey => $"Done_{Operation.Kind}{(TenantDeletion.DropsAtOnce(Operation) ? "_at_once" : null)}";
}
