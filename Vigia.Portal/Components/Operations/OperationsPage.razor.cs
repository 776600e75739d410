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
    PageFeed feed, StaffSession session, OperationService operations, BrowserCalls browser,
    PageDialogs dialogs) : LiveComponent(feed)
{
    private static readonly IReadOnlyList<OperationState> States =
        [OperationState.Running, OperationState.Queued, OperationState.Waiting, OperationState.Failed,
            OperationState.Succeeded, OperationState.Cancelled];

    private IReadOnlyDictionary<OperationState, int> _counts = new Dictionary<OperationState, int>();
    private OperationListView _view = new();
    private readonly LatestRead _reading = new();
    private OperationListView? _shown;

    // The view of the last read. The answer to it may still be on its way.
    private OperationListView? _asked;
    private OperationPage? _page;
    private Actor? _actor;
    private readonly LiveRows _rows = new();
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

    // Rows neither move nor appear nor disappear while the person uses the list.
    private bool IsHeld => _page is not null && _view == _shown && (_inUse || dialogs.IsOpen);

    private string EmptyKey => this switch
    {
        { _page.Total: > 0 } => "BeyondEnd",
        { _view.IsFiltered: true } => "NothingFound",
        _ => "Empty",
    };

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        _view = OperationListView.Parse(browser.Address);
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Operations) { Urgency = _rows.UrgencyOf }, OnChangedAsync);
    }

    // Also before the first answer has come: it may be that of an address that the person has left.
    protected override Task OnParametersSetAsync() => _actor is null ? Task.CompletedTask : ShowAddressAsync();

    private int CountOf(OperationState state) =>
        _counts.GetValueOrDefault(state)
            + (state == OperationState.Running ? _counts.GetValueOrDefault(OperationState.Cancelling) : 0);

    private void Show(OperationListView view) => browser.GoTo(view.ToAddress());

    private async Task ShowAddressAsync()
    {
        _view = OperationListView.Parse(browser.Address);
        if (_view != _asked)
        {
            await ReloadAsync();
        }
    }

    private Task ReloadAsync() => ReadAsync(
        _reading, _asked = _view,
        async (view, until) => (
            Page: await operations.ListAsync(_actor!, view.ToQuery(), until),
            Counts: await operations.CountAsync(_actor!, DateTimeOffset.UnixEpoch, until)),
        answer =>
        {
            _counts = answer.Counts;
            Show(answer.Page);
        });

    private void Show(OperationPage page)
    {
        (_page, _shown) = (page, _view);
        _rows.Show(page.Items.Select(o => o.Id));
    }

    // Pages that show the same read it together.
    private Task OnChangedAsync(ChangeSet changes) => ReadAsync(
        _reading, _asked = _view,
        async (view, until) => (
            Counts: await SharedAsync(
                "operations:counts", null,
                reading => operations.CountAsync(_actor!, DateTimeOffset.UnixEpoch, reading), until),
            Now: await SharedAsync(
                "operations:page", view, reading => operations.ListAsync(_actor!, view.ToQuery(), reading), until),
            Rows: await ReadRowsAsync(changes, until)),
        answer =>
        {
            _counts = answer.Counts;
            if (!IsHeld)
            {
                Show(answer.Now);
                return;
            }

            _rows.Compare(answer.Now.Items.Select(o => o.Id));
            var now = answer.Rows ?? answer.Now.Items.ToDictionary(o => o.Id);
            _page = _page! with { Items = [.. _page.Items.Select(o => now.GetValueOrDefault(o.Id, o))] };
        });

    private async Task<IReadOnlyDictionary<Guid, Operation>?> ReadRowsAsync(ChangeSet changes, CancellationToken until)
    {
        if (!IsHeld || !_rows.AreNamedBy(changes))
        {
            return null;
        }

        var ids = _page!.Items.Select(o => o.Id).ToList();
        return await SharedAsync(
            "operations:rows", string.Join(',', ids), reading => operations.FindAsync(_actor!, ids, reading), until);
    }

    private Task<TAnswer> SharedAsync<TAnswer>(
        string name, object? subject, Func<CancellationToken, Task<TAnswer>> read, CancellationToken until) =>
        Feed.SharedAsync(
            _actor!, new SharedQuestion(name, subject, ChangeTopic.Operations) { AtMostEvery = Feed.Pace }, read,
            until);
}
