using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>Shows how many changes a list has held back while the person uses it: "3 cambios · Actualizar".</summary>
public sealed partial class CountPill
{
    [Parameter, EditorRequired]
    public int Count { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnRefresh { get; set; }
}
