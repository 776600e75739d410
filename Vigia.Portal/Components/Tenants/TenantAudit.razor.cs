using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Audit;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The newest audit records of a tenant, with a link to all of them. New ones come in only while the pointer and the
/// focus are outside the list. Otherwise a pill shows how many changes wait.
/// </summary>
public sealed partial class TenantAudit(PageFeed feed, AuditReader reader) : LiveComponent(feed)
{
    private const int Most = 50;
    private readonly LatestRead _reading = new();
    private readonly LiveRows _rows = new();
    private AuditPage? _page;
    private bool _inUse;

    [Parameter, EditorRequired]
    public int TenantId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private AuditListView View => Of(TenantId);

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Audit, TenantId, ReadAsync);

    private static AuditListView Of(int tenant) => new() { TenantId = tenant };

    private Task ReloadAsync() => ReadAsync(_reading, TenantId, ListAsync, Show);

    private Task<AuditPage> ListAsync(int id, CancellationToken cancellationToken) =>
        reader.ListAsync(Actor, new AuditFilter { TenantId = id }, 1, Most, cancellationToken);

    private void Show(AuditPage page)
    {
        _page = page;
        _rows.Show(page.Items.Select(record => record.Seq));
    }

    // A record never changes, so what is shown stays as it is.
    private Task ReadAsync() => ReadAsync(
        _reading, TenantId, ListAsync,
        page =>
        {
            if (!_inUse)
            {
                Show(page);
            }
            else
            {
                _rows.Compare(page.Items.Select(record => record.Seq).Concat(_page!.Items.Select(r => r.Seq)));
            }
        });
}
