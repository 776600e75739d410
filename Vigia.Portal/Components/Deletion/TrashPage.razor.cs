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
public sealed partial class TrashPage(
    PageFeed feed, StaffSession session, TrashService trash, OperationService operations, PageDialogs dialogs)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private readonly LatestRead _readingWork = new();
    private readonly LiveRows _rows = new();
    private Dictionary<int, Operation> _working = [];
    private IReadOnlyList<TrashedTenant>? _items;
    private Actor? _actor;
    private bool _inUse;

    private bool MayAct => _actor!.May(TrashAction.Restore.Right) || _actor.May(TrashAction.Purge.Right);

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowSharedAsync(ReadWorkAsync, ChangeTopic.Operations);
        await FollowAsync(
            new ChangeInterest(ChangeTopic.Tenants) { Urgency = _rows.UrgencyOf }, _ => ReadNowAsync());
    }

    private async Task ReloadAsync()
    {
        await ReadAsync(_reading, until => trash.ListAsync(_actor!, until), Show);
        await ReadWorkAsync();
    }

    private void Show(IReadOnlyList<TrashedTenant> items)
    {
        _items = items;
        _rows.Show(items.Select(item => item.Id));
    }

    // A tenant that is already being restored or purged must not be requested again.
    private Task ReadWorkAsync() => ReadAsync(
        _readingWork,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("trash:work", null, ChangeTopic.Operations),
            reading => operations.ListAsync(
                _actor!,
                new OperationQuery { States = OperationStates.Unfinished, PageSize = OperationService.MaxPageSize },
                reading),
            until),
        page => _working = page.Items.Where(o => o.TenantId is not null)
            .GroupBy(o => o.TenantId!.Value).ToDictionary(g => g.Key, g => g.First()));

    private Task ReadNowAsync() => ReadAsync(
        _reading,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("trash:list", null, ChangeTopic.Tenants),
            reading => trash.ListAsync(_actor!, reading), until),
        items =>
        {
            if (_items is null || (!_inUse && !dialogs.IsOpen))
            {
                Show(items);
                return;
            }

            var now = items.ToDictionary(item => item.Id);
            _rows.Compare(now.Keys);
            _items = [.. _items.Select(item => now.GetValueOrDefault(item.Id, item))];
        });
}
