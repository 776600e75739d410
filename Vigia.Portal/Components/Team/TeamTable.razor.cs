using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>Members of staff as a table.</summary>
public sealed partial class TeamTable
{
    [Parameter, EditorRequired]
    public IReadOnlyList<StaffSummary> People { get; set; } = [];

    /// <summary>The person who views the table.</summary>
    [Parameter]
    public Guid? Me { get; set; }

    /// <summary>Raised when the pointer or the focus enters or leaves the list.</summary>
    [Parameter]
    public EventCallback<bool> InUseChanged { get; set; }
}
