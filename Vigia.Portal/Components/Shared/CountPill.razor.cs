using Microsoft.AspNetCore.Components;

namespace Vigia.Portal.Components.Shared;

/// <summary>What changed while the list held still under someone's hand: "3 cambios · Actualizar".</summary>
public sealed partial class CountPill
{
    [Parameter, EditorRequired]
    public int Count { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnRefresh { get; set; }
}
