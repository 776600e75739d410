using Microsoft.AspNetCore.Components;
using Vigia.Core.Operations;

namespace Vigia.Portal.Components.Operations;

/// <summary>Selects one kind of operation, or any.</summary>
public sealed partial class OperationKindSelect(OperationCatalog catalog)
{
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>Null for any kind.</summary>
    [Parameter]
    public string? Value { get; set; }

    [Parameter]
    public EventCallback<string?> ValueChanged { get; set; }

    private Task ChooseAsync(ChangeEventArgs e) =>
        ValueChanged.InvokeAsync(e.Value?.ToString() is { Length: > 0 } kind ? kind : null);
}
