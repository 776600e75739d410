using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>
/// The items of an operation on many tenants, live. Failed items come first, but no row moves while the pointer or the
/// focus is in the list.
/// </summary>
public sealed partial class OperationItems(PageFeed feed, OperationService operations) : LiveComponent(feed)
{
    private const int PageSize = 50;
    private readonly LatestRead _reading = new();
    private OperationItemPage? _page;
    private OperationItemState? _state;
    private int _number = 1;
    private ListPlace<OperationItemPlace>? _place;
    private (Guid, OperationItemState?, int, ListPlace<OperationItemPlace>?)? _shown;
    private bool _inUse;

    [Parameter, EditorRequired]
    public Guid OperationId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The kind of the child operation that runs for a single tenant.</summary>
    [Parameter]
    public OperationKind ChildKind { get; set; } = TenantAction.Provision.OperationKind!.Value;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Operations, OperationId, RefreshAsync);

    private Task ShowAsync(OperationItemState? state)
    {
        (_state, _number, _place) = (state, 1, null);
        return ReadAsync();
    }

    private Task TurnAsync(ListTurn turn)
    {
        (_number, _place) = ListTurns.To(turn, _page!, OperationItemPlace.Of);
        return ReadAsync();
    }

    // Rows keep their place while the pointer or the focus is in the list.
    private Task RefreshAsync() => ReadAsync(page =>
    {
        if (_inUse && _page is { } shown && _shown == (OperationId, _state, _number, _place))
        {
            var now = page.Items.ToDictionary(item => item.TenantId);
            page = page with { Items = [.. shown.Items.Select(item => now.GetValueOrDefault(item.TenantId, item))] };
        }

        _page = page;
    });

    private Task ReadAsync() => ReadAsync(page => _page = page);

    private Task ReadAsync(Action<OperationItemPage> show)
    {
        var asked = (OperationId, _state, _number, _place);
        return ReadAsync(
            _reading, asked, (view, until) =>
                operations.ListItemsAsync(
                    Actor, view.OperationId, view._state, view._number, PageSize, until, view._place),
            page =>
            {
                show(page);
                _shown = asked;
            });
    }
}
