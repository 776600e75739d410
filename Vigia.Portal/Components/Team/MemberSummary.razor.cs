using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff.Team;

namespace Vigia.Portal.Components.Team;

/// <summary>The name of a person, the rights of each of their roles, and the tenants that they may see.</summary>
public sealed partial class MemberSummary
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    private StaffSummary Member => Details.Member;
}
