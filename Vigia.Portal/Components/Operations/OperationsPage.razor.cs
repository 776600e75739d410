using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>
/// What runs, waits and failed. Values change in place; rows come and go only while nobody's hand is in the list, else a pill says how
/// many changes wait.
/// </summary>
public sealed partial class OperationsPage
{
    private static readonly IReadOnlyList<OperationState> States =
        [OperationState.Running, OperationState.Queued, OperationState.Waiting, OperationState.Failed, OperationState.Succeeded, OperationState.Cancelled];

    private IReadOnlyDictionary<OperationState, int> _counts = new Dictionary<OperationState, int>();
    private OperationListView _view = new();
    private OperationListView? _shown;
    private OperationPage? _page;
    private Actor? _actor;
    private int _changes;
    private bool _hand;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private OperationCatalog Catalog { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    // Only so that a new address sets the parameters again; OperationListView reads the whole of it.
    [SupplyParameterFromQuery(Name = "estado")]
    private string? State { get; set; }

    [SupplyParameterFromQuery(Name = "tipo")]
    private string? Kind { get; set; }

    [SupplyParameterFromQuery(Name = "rutina")]
    private string? Routine { get; set; }

    [SupplyParameterFromQuery(Name = "pagina")]
    private string? Number { get; set; }

    private int First => ((_page!.Page - 1) * _page.PageSize) + 1;

    private string EmptyKey => this switch
    {
        { _page.Total: > 0 } => "BeyondEnd",
        { _view.IsFiltered: true } => "NothingFound",
        _ => "Empty",
    };

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        Watch(ChangeTopic.Operations, OnChangedAsync);
        await ShowAddressAsync();
    }

    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private static string? Chosen(ChangeEventArgs e) => e.Value?.ToString() is { Length: > 0 } text ? text : null;

    private int CountOf(OperationState state) =>
        _counts.GetValueOrDefault(state) + (state == OperationState.Running ? _counts.GetValueOrDefault(OperationState.Cancelling) : 0);

    private void Show(OperationListView view) => Navigation.NavigateTo(view.ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = OperationListView.Parse(new Uri(Navigation.Uri));
        if (_view != _shown)
        {
            _hand = false;
            await ReloadAsync();
        }
    }

    private async Task ReloadAsync()
    {
        var view = _view;
        var page = await Operations.ListAsync(_actor!, view.ToQuery(), Ending);
        var counts = await Operations.CountAsync(_actor!, DateTimeOffset.UnixEpoch, Ending);
        if (view == _view)
        {
            (_page, _counts, _shown, _changes) = (page, counts, view, 0);
        }
    }

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_page is null || (!_hand && !Page.IsDialogOpen))
        {
            await ReloadAsync();
            return;
        }

        var view = _view;
        _counts = await Operations.CountAsync(_actor!, DateTimeOffset.UnixEpoch, Ending);
        var now = await Operations.ListAsync(_actor!, view.ToQuery(), Ending);
        var shown = await Operations.FindAsync(_actor!, [.. _page.Items.Select(o => o.Id)], Ending);
        if (view == _shown)
        {
            _changes = now.Items.Select(o => o.Id).Except(_page.Items.Select(o => o.Id)).Union(_page.Items.Select(o => o.Id).Except(now.Items.Select(o => o.Id))).Count();
            _page = _page with { Items = [.. _page.Items.Select(o => shown.GetValueOrDefault(o.Id, o))] };
        }
    }
}
