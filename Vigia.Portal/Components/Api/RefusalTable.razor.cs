using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Api;

/// <summary>Codes of refusals with their sentences.</summary>
public sealed partial class RefusalTable
{
    [Parameter, EditorRequired]
    public IReadOnlyList<(int Status, string Code)> Refusals { get; set; } = [];

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";
}
