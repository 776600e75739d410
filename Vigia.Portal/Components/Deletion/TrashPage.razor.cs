using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Deletion;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Deletion;

/// <summary>
/// The tenants in the trash, with the person who deleted each and the reason. From here they are restored or purged.
/// </summary>
// More than five dependencies: a live list in an address, and the work on its rows.
public sealed partial class TrashPage(
    PageFeed feed, StaffSession session, TrashService trash, OperationService operations, PageDialogs dialogs,
    BrowserCalls browser) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private readonly LatestRead _readingWork = new();
    private readonly LiveRows _rows = new();
    private Dictionary<int, Operation> _working = [];
    private Core.Lifecycle.Deletion.TrashPage? _page;
    private TrashListView _view = new(1, null);
    private TrashListView? _shown;
    private Actor? _actor;
    private bool _inUse;

    private bool MayAct => _actor!.May(TrashAction.Restore.Right) || _actor.May(TrashAction.Purge.Right);

    // Declared only so that a new address sets the parameters again. TrashListView reads the whole address.
    [SupplyParameterFromQuery(Name = "pagina")]
    private string? Number { get; set; }

    [SupplyParameterFromQuery(Name = "tras")]
    private string? After { get; set; }

    [SupplyParameterFromQuery(Name = "antes")]
    private string? Before { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        _view = TrashListView.Parse(browser.Address);
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Tenants) { Urgency = _rows.UrgencyOf }, _ => ReadNowAsync());
        await FollowSharedAsync(ReadWorkAsync, ChangeTopic.Operations);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (TrashListView.Parse(browser.Address) is var view && view != _view)
        {
            (_view, _inUse) = (view, false);

            // Before the person is known, the first read is still to come, and reads this address.
            await (_actor is null ? Task.CompletedTask : ReloadAsync());
        }
    }

    private void Turn(ListTurn turn)
    {
        var (page, place) = ListTurns.To(turn, _page!, item => item.Id);
        browser.GoTo(new TrashListView(page, place).ToAddress());
    }

    private async Task ReloadAsync()
    {
        await ReadAsync(_reading, _view, ReadAsync, Show);
        await ReadWorkAsync();
    }

    private Task<Core.Lifecycle.Deletion.TrashPage> ReadAsync(TrashListView view, CancellationToken until) =>
        trash.ListAsync(_actor!, view.Page, TrashListView.PageSize, view.Place, until);

    private void Show(Core.Lifecycle.Deletion.TrashPage page)
    {
        (_page, _shown) = (page, _view);
        _rows.Show(page.Items.Select(item => item.Id));
    }

    // A tenant that is already being restored or purged must not be requested again.
    private Task ReadWorkAsync()
    {
        int[] shown = [.. _page?.Items.Select(item => item.Id) ?? []];
        return ReadAsync(
            _readingWork,
            until => Feed.SharedAsync(
                _actor!, new SharedQuestion("trash:work", string.Join(',', shown), ChangeTopic.Operations),
                reading => operations.FindWorkAsync(_actor!, shown, reading), until),
            found => _working = found.GroupBy(o => o.TenantId!.Value).ToDictionary(g => g.Key, g => g.First()));
    }

    private Task ReadNowAsync() => ReadAsync(
        _reading, _view,
        (view, until) => Feed.SharedAsync(
            _actor!, new SharedQuestion("trash:list", view, ChangeTopic.Tenants),
            reading => ReadAsync(view, reading), until),
        page =>
        {
            if (_page is null || _view != _shown || (!_inUse && !dialogs.IsOpen))
            {
                Show(page);
                return;
            }

            var now = page.Items.ToDictionary(item => item.Id);
            _rows.Compare(now.Keys);
            _page = _page with { Items = [.. _page.Items.Select(item => now.GetValueOrDefault(item.Id, item))] };
        });
}
