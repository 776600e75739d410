using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The operations on a tenant, newest first, live.</summary>
public sealed partial class TenantOperations(PageFeed feed, OperationService operations) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private OperationPage? _page;

    [Parameter, EditorRequired]
    public int TenantId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.TenantWork, TenantId, ReadAsync);

    private Task ReadAsync() => ReadAsync(
        _reading, TenantId,
        (id, until) => operations.ListAsync(
            Actor, new OperationQuery { TenantId = id, WithMany = true, PageSize = 50 }, until),
        page => _page = page);
}
