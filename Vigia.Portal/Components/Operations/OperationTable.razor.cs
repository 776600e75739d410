using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;

namespace Vigia.Portal.Components.Operations;

/// <summary>Operations as rows. Reports whether the pointer or the focus is in them.</summary>
public sealed partial class OperationTable(TimeProvider time)
{
    [Parameter, EditorRequired]
    public IReadOnlyList<Operation> Items { get; set; } = [];

    /// <summary>False on a tenant's own page.</summary>
    [Parameter]
    public bool ShowTenant { get; set; } = true;

    [Parameter]
    public EventCallback<bool> InUseChanged { get; set; }
}
