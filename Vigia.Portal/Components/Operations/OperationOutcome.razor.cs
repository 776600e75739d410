using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;

namespace Vigia.Portal.Components.Operations;

/// <summary>The result of an operation or the reason why it is held up, in one sentence with advice.</summary>
public sealed partial class OperationOutcome(TimeProvider time)
{
    [Parameter, EditorRequired]
    public Operation Operation { get; set; } = default!;

    /// <summary>Whether the person may take a tenant back out of the trash.</summary>
    [Parameter]
    public bool MayRestore { get; set; }

    private string DoneKey => $"Done_{Operation.Kind}{(OperationWords.DropsAtOnce(Operation) ? "_at_once" : null)}";
}
