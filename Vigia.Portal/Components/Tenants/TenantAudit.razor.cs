using Microsoft.AspNetCore.Components;
using Vigia.Core.Audit;
using Vigia.Core.Feed;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Audit;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The newest of a client's trail, and the way to all of it.</summary>
public sealed partial class TenantAudit
{
    private const int Most = 50;
    private AuditPage? _page;

    [Parameter, EditorRequired]
    public int TenantId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private AuditReader Reader { get; set; } = default!;

    private AuditListView View => new() { TenantId = TenantId };

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Tenants, changes => changes.Concerns(TenantId) ? ReadAsync() : Task.CompletedTask);
        await ReadAsync();
    }

    private async Task ReadAsync() => _page = await Reader.ListAsync(Actor, View.ToFilter(), 1, Most, Ending);
}
