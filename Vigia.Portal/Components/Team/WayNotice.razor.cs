using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>
/// Says before the signature that an action needs another administrator, takes a day, or is not possible from here.
/// </summary>
public sealed partial class WayNotice
{
    [Parameter, EditorRequired]
    public StaffWay Way { get; set; }
}
