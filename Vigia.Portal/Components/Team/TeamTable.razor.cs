using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Team;

/// <summary>Members of staff as a table.</summary>
public sealed partial class TeamTable
{
    [Parameter, EditorRequired]
    public IReadOnlyList<StaffSummary> People { get; set; } = [];

    /// <summary>Who looks.</summary>
    [Parameter]
    public Guid? Me { get; set; }

    /// <summary>Whether pointer or focus is in the list.</summary>
    [Parameter]
    public EventCallback<bool> HandChanged { get; set; }
}
