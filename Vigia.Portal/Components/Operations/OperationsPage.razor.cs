using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>
/// Running, waiting and failed operations. Values are updated in place. Rows are added and removed only while the
/// pointer and the focus are outside the list. Otherwise a pill shows how many changes wait.
/// </summary>
public sealed partial class OperationsPage(
    ChangeFeed feed, StaffSession session, OperationService operations, NavigationManager navigation,
    PageDialogs dialogs) : LiveComponent(feed)
{
    private static readonly IReadOnlyList<OperationState> States =
        [OperationState.Running, OperationState.Queued, OperationState.Waiting, OperationState.Failed,
            OperationState.Succeeded, OperationState.Cancelled];

    private IReadOnlyDictionary<OperationState, int> _counts = new Dictionary<OperationState, int>();
    private OperationListView _view = new();
    private readonly LatestRead _reading = new();
    private OperationListView? _shown;
    private OperationPage? _page;
    private Actor? _actor;
    private int _changes;
    private bool _inUse;

    // Declared only so that a new address sets the parameters again. OperationListView reads the whole address.
    [SupplyParameterFromQuery(Name = "estado")]
    private string? State { get; set; }

    [SupplyParameterFromQuery(Name = "tipo")]
    private string? Kind { get; set; }

    [SupplyParameterFromQuery(Name = "rutina")]
    private string? Routine { get; set; }

    [SupplyParameterFromQuery(Name = "pagina")]
    private string? Number { get; set; }

    [SupplyParameterFromQuery(Name = "tras")]
    private string? After { get; set; }

    [SupplyParameterFromQuery(Name = "antes")]
    private string? Before { get; set; }

    private string EmptyKey => this switch
    {
        { _page.Total: > 0 } => "BeyondEnd",
        { _view.IsFiltered: true } => "NothingFound",
        _ => "Empty",
    };

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        Watch(ChangeTopic.Operations, OnChangedAsync);
        await ShowAddressAsync();
    }

    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private int CountOf(OperationState state) =>
        _counts.GetValueOrDefault(state)
            + (state == OperationState.Running ? _counts.GetValueOrDefault(OperationState.Cancelling) : 0);

    private void Show(OperationListView view) => navigation.NavigateTo(view.ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = OperationListView.Parse(new Uri(navigation.Uri));
        if (_view != _shown)
        {
            _inUse = false;
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        var asked = _view;
        await ReadAsync(
            _reading, asked,
            async (view, until) => (
                Page: await operations.ListAsync(_actor!, view.ToQuery(), until),
                Counts: await operations.CountAsync(_actor!, DateTimeOffset.UnixEpoch, until)),
            answer => (_page, _counts, _shown, _changes) = (answer.Page, answer.Counts, asked, 0));
    }

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_page is null || _view != _shown || (!_inUse && !dialogs.IsOpen))
        {
            await ReloadAsync();
            return;
        }

        var rows = _page.Items;
        await ReadAsync(
            _reading, _view,
            async (view, until) => (
                Counts: await operations.CountAsync(_actor!, DateTimeOffset.UnixEpoch, until),
                Now: await operations.ListAsync(_actor!, view.ToQuery(), until),
                Rows: await operations.FindAsync(_actor!, [.. rows.Select(o => o.Id)], until)),
            answer =>
            {
                var (here, there) = (rows.Select(o => o.Id).ToHashSet(), answer.Now.Items.Select(o => o.Id));
                here.SymmetricExceptWith(there);
                (_counts, _changes) = (answer.Counts, here.Count);
                _page = _page with { Items = [.. rows.Select(o => answer.Rows.GetValueOrDefault(o.Id, o))] };
            });
    }
}
