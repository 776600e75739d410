using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;

namespace Vigia.Portal.Components.Operations;

/// <summary>Operations as rows, each a link to its page.</summary>
public sealed partial class OperationTable
{
    [Parameter, EditorRequired]
    public IReadOnlyList<Operation> Items { get; set; } = [];

    /// <summary>Off on a client's own page.</summary>
    [Parameter]
    public bool ShowClient { get; set; }
}
