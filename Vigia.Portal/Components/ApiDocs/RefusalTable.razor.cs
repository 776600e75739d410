using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.ApiDocs;

/// <summary>Codes of refusals, each with its sentence.</summary>
public sealed partial class RefusalTable
{
    [Parameter, EditorRequired]
    public IReadOnlyList<(int Status, string Code)> Refusals { get; set; } = [];

    [Parameter, EditorRequired]
    public string Label { get; set; } = "";
}
