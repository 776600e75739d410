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
    ChangeFeed feed, StaffSession session, TrashService trash, OperationService operations, PageDialogs dialogs)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private readonly LatestRead _readingWork = new();
    private readonly HashSet<string> _changes = [];
    private Dictionary<int, Operation> _working = [];
    private IReadOnlyList<TrashedTenant>? _items;
    private Actor? _actor;
    private bool _inUse;

    private bool MayAct => _actor!.May(Rights.TenantsRestore) || _actor.May(Rights.TenantsDeleteHard);

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        Watch(ChangeTopic.Tenants, OnChangedAsync);
        Watch(ChangeTopic.Operations, _ => ReadWorkAsync());
        await ReloadAsync();
    }

    private async Task ReloadAsync()
    {
        await ReadAsync(
            _reading, until => trash.ListAsync(_actor!, until),
            items =>
            {
                _items = items;
                _changes.Clear();
            });
        await ReadWorkAsync();
    }

    // A tenant that is already being restored or purged must not be requested again.
    private Task ReadWorkAsync() => ReadAsync(
        _readingWork, until => operations.ListAsync(
            _actor!,
            new OperationQuery { States = OperationStates.Unfinished, PageSize = OperationService.MaxPageSize },
            until),
        page => _working = page.Items.Where(o => o.TenantId is not null)
            .GroupBy(o => o.TenantId!.Value).ToDictionary(g => g.Key, g => g.First()));

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_items is null || (!_inUse && !dialogs.IsOpen))
        {
            await ReloadAsync();
            return;
        }

        var shown = _items;
        await ReadAsync(
            _reading, until => trash.ListAsync(_actor!, until),
            items =>
            {
                var now = items.Select(item => item.Id).ToHashSet();
                now.SymmetricExceptWith(shown.Select(item => item.Id));
                _changes.UnionWith(now.Select(id => $"{id}"));
            });
    }
}
