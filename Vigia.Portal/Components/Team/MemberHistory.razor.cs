using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Staff.Team;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Team;

/// <summary>The roles that a person held, with dates, and their latest actions.</summary>
public sealed partial class MemberHistory(AuditReader reader)
{
    private const int Most = 20;
    private readonly LatestRead _reading = new();
    private AuditPage? _page;
    private StaffDetails? _read;

    [Parameter, EditorRequired]
    public StaffDetails Details { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private AuditListView View => new() { Actor = Details.Member.Id.ToString() };

    protected override async Task OnParametersSetAsync()
    {
        if (Actor.May(Rights.AuditView) && !ReferenceEquals(_read, Details))
        {
            _read = Details;
            await ReadAsync(
                _reading, Details.Member.Id,
                (id, until) => reader.ListAsync(
                    Actor, new AuditFilter { Actor = id.ToString(), IsFolded = true }, 1, Most, until),
                page => _page = page);
        }
    }
}
