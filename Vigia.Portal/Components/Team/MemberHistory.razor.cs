using Microsoft.AspNetCore.Components;
using Vigia.Core.Audit;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Audit;

namespace Vigia.Portal.Components.Team;

/// <summary>Which roles somebody held and when, and what they did last.</summary>
public sealed partial class MemberHistory
{
    private const int Most = 20;
    private AuditPage? _page;
    private StaffDetails? _read;

    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private AuditReader Reader { get; set; } = default!;

    private AuditListView View => new() { Actor = Details.Member.Id.ToString() };

    protected override async Task OnParametersSetAsync()
    {
        if (Actor.May(Rights.AuditView) && !ReferenceEquals(_read, Details))
        {
            _read = Details;
            _page = await Reader.ListAsync(Actor, View.ToFilter(), 1, Most, Ending);
        }
    }
}
