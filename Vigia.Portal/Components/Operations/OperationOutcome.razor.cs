using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Portal.Components.Operations;

/// <summary>The result of an operation or the reason why it is held up, in one sentence with advice.</summary>
public sealed partial class OperationOutcome(TimeProvider time)
{
    [Parameter, EditorRequired]
    public Operation Operation { get; set; } = default!;

    private string DoneKey => $"Done_{Operation.Kind}{(IsDroppedAtOnce ? "_at_once" : null)}";

    // A deletion without retention drops the database in the same operation.
    private bool IsDroppedAtOnce => Operation.Kind == TenantAction.Delete.OperationKind
        && Operation.Steps.Any(s => s.Name == "drop_database");
}
