using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>The actions that remove access: resetting a lost second factor, and disabling the account.</summary>
public sealed partial class MemberDanger
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public EventCallback OnChanged { get; set; }
}
