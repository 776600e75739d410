using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The newest audit records of a tenant, with a link to all of them.</summary>
public sealed partial class TenantAudit(PageFeed feed, AuditReader reader) : LiveComponent(feed)
{
    private const int Most = 50;
    private readonly LatestRead _reading = new();
    private AuditPage? _page;

    [Parameter, EditorRequired]
    public int TenantId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private AuditListView View => Of(TenantId);

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Audit, TenantId, ReadAsync);

    private static AuditListView Of(int tenant) => new() { TenantId = tenant };

    private Task ReadAsync() => ReadAsync(
        _reading, TenantId, (id, until) => reader.ListAsync(Actor, new AuditFilter { TenantId = id }, 1, Most, until),
        page => _page = page);
}
