using System.Globalization;
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
    private (Guid, OperationItemState?, int)? _shown;
    private bool _inUse;

    [Parameter, EditorRequired]
    public Guid OperationId { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The kind of the child operation that runs for a single tenant.</summary>
    [Parameter]
    public OperationKind ChildKind { get; set; } = TenantAction.Provision.OperationKind!.Value;

    /// <summary>Called with the number of items in each state when they are read.</summary>
    [Parameter]
    public EventCallback<IReadOnlyDictionary<OperationItemState, int>> Counted { get; set; }

    private int First => ((_page!.Page - 1) * _page.PageSize) + 1;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Operations, OperationId, RefreshAsync);

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    private Task ShowAsync(OperationItemState? state)
    {
        (_state, _number) = (state, 1);
        return ReadAsync();
    }

    private Task TurnAsync(int pages)
    {
        _number = _page!.Page + pages;
        return ReadAsync();
    }

    // Rows keep their place while the pointer or the focus is in the list.
    private Task RefreshAsync() => ReadAsync(page =>
    {
        if (_inUse && _page is { } shown && _shown == (OperationId, _state, _number))
        {
            var now = page.Items.ToDictionary(item => item.TenantId);
            page = page with { Items = [.. shown.Items.Select(item => now.GetValueOrDefault(item.TenantId, item))] };
        }

        _page = page;
    });

    private Task ReadAsync() => ReadAsync(page => _page = page);

    private async Task ReadAsync(Action<OperationItemPage> show)
    {
        var asked = (OperationId, _state, _number);
        await ReadAsync(
            _reading, asked, (view, until) =>
                operations.ListItemsAsync(Actor, view.OperationId, view._state, view._number, PageSize, until),
            page =>
            {
                show(page);
                _shown = asked;
            });
        if (_page is { } read)
        {
            await Counted.InvokeAsync(read.Counts);
        }
    }
}
