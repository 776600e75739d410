using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;

namespace Vigia.Portal.Components.Operations;

/// <summary>How it ended, or what holds it back, in one sentence with what to do next.</summary>
public sealed partial class OperationOutcome
{
    [Parameter, EditorRequired]
    public Operation Operation { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    // A delete without time in the trash drops in the same operation.
    private string DoneKey => $"Done_{Operation.Kind}{(Operation.Kind == "delete_tenant" && Operation.Steps.Any(s => s.Name == "drop_database") ? "_at_once" : null)}";
}
