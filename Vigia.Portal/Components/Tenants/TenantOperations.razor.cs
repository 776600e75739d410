using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The operations on a tenant, newest first. Values are updated in place. Rows are added only while the pointer and the
/// focus are outside the list. Otherwise a pill shows how many changes wait.
/// </summary>
public sealed partial class TenantOperations(PageFeed feed, OperationService operations) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private readonly LiveRows _rows = new();
    private OperationPage? _page;
    private bool _inUse;

    [Parameter, EditorRequired]
    public int TenantId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.TenantWork, TenantId, ReadAsync);

    private Task ReloadAsync() => ReadAsync(_reading, TenantId, ListAsync, Show);

    private Task<OperationPage> ListAsync(int id, CancellationToken cancellationToken) => operations.ListAsync(
        Actor, new OperationQuery { TenantId = id, WithMany = true, PageSize = 50 }, cancellationToken);

    private void Show(OperationPage page)
    {
        _page = page;
        _rows.Show(page.Items.Select(operation => operation.Id));
    }

    private Task ReadAsync() => ReadAsync(
        _reading, TenantId, ListAsync,
        page =>
        {
            if (!_inUse)
            {
                Show(page);
                return;
            }

            var now = page.Items.ToDictionary(operation => operation.Id);
            _rows.Compare(now.Keys);
            _page = page with { Items = [.. _page!.Items.Select(shown => now.GetValueOrDefault(shown.Id, shown))] };
        });
}
