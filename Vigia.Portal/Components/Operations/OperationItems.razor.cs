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
/// focus is in the list: a pill then shows how many changes wait.
/// </summary>
public sealed partial class OperationItems(PageFeed feed, OperationResults results) : LiveComponent(feed)
{
    private const int PageSize = 50;
    private readonly LatestRead _reading = new();
    private readonly LiveRows _rows = new();
    private OperationItemPage? _page;
    private View _view = new(null, 1, null);
    private View? _shown;
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

    private bool IsHeld => _inUse && _page is not null && _view == _shown;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Operations, OperationId, RefreshAsync);

    private Task ShowAsync(OperationItemState? state)
    {
        _view = new(state, 1, null);
        return ReloadAsync();
    }

    private Task TurnAsync(ListTurn turn)
    {
        var (number, place) = ListTurns.To(turn, _page!, OperationItemPlace.Of);
        _view = _view with { Number = number, Place = place };
        return ReloadAsync();
    }

    private async Task ReloadAsync()
    {
        await ReadAsync(_reading, _view, ListAsync, Show);
        await NotifyCountsAsync();
    }

    private Task NotifyCountsAsync() => _page is { } page ? Counted.InvokeAsync(page.Counts) : Task.CompletedTask;

    private void Show(OperationItemPage page)
    {
        (_page, _shown) = (page, _view);
        _rows.Show(page.Items.Select(item => item.TenantId));
    }

    // Rows keep their place while the pointer or the focus is in the list. Their content stays up to date.
    private async Task RefreshAsync()
    {
        await ReadAsync(
            _reading, _view,
            async (view, until) => (
                Now: await Feed.SharedAsync(
                    Actor, new SharedQuestion("operations:items", (OperationId, view), ChangeTopic.Operations)
                    {
                        AtMostEvery = Feed.Pace,
                    },
                    reading => ListAsync(view, reading), until),
                Rows: !IsHeld ? null : await results.FindAsync(
                    Actor, OperationId, [.. _page!.Items.Select(item => item.TenantId)], until)),
            answer =>
            {
                if (!IsHeld)
                {
                    Show(answer.Now);
                    return;
                }

                _rows.Compare(answer.Now.Items.Select(item => item.TenantId));
                var now = answer.Rows ?? answer.Now.Items.ToDictionary(item => item.TenantId);
                _page = answer.Now with
                {
                    Items = [.. _page!.Items.Select(item => now.GetValueOrDefault(item.TenantId, item))],
                };
            });
        await NotifyCountsAsync();
    }

    private Task<OperationItemPage> ListAsync(View view, CancellationToken cancellationToken) =>
        results.ListAsync(
            Actor, OperationId, view.State, view.Number, PageSize, cancellationToken, view.Place);

    /// <summary>The part of the list that is shown.</summary>
    private sealed record View(OperationItemState? State, int Number, ListPlace<OperationItemPlace>? Place);
}
