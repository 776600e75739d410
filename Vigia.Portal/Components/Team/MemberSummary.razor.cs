using Microsoft.AspNetCore.Components;
using Vigia.Core.Staff;

namespace Vigia.Portal.Components.Team;

/// <summary>Who somebody is, what each of their roles may, which clients they may know of.</summary>
public sealed partial class MemberSummary
{
    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    private StaffSummary Member => Details.Member;
}
