using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Deletion;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Trash;

/// <summary>What lies in the trash, who put it there and why, and the two ways out of it.</summary>
public sealed partial class TrashPage
{
    private static readonly OperationState[] Unfinished = [OperationState.Running, OperationState.Cancelling, OperationState.Queued, OperationState.Waiting];
    private readonly HashSet<string> _changes = [];
    private Dictionary<int, Operation> _working = [];
    private IReadOnlyList<TrashedTenant>? _items;
    private Actor? _actor;
    private bool _hand;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private TrashService Trash { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool MayAct => _actor!.May(Rights.TenantsRestore) || _actor.May(Rights.TenantsDeleteHard);

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        Watch(ChangeTopic.Tenants, OnChangedAsync);
        Watch(ChangeTopic.Operations, _ => ReadWorkAsync());
        await ReloadAsync();
    }

    private bool MayPurge(TrashedTenant item) => item.PurgeAfter <= Page.Time.GetUtcNow() || TrashService.MayPurgeEarly(item);

    private async Task ReloadAsync()
    {
        _items = await Trash.ListAsync(_actor!, Ending);
        _changes.Clear();
        await ReadWorkAsync();
    }

    // What is being restored or destroyed already can't be asked for again.
    private async Task ReadWorkAsync() =>
        _working = (await Operations.ListAsync(_actor!, new OperationQuery { States = Unfinished, PageSize = OperationService.MaxPageSize }, Ending)).Items
            .Where(o => o.TenantId is not null).GroupBy(o => o.TenantId!.Value).ToDictionary(g => g.Key, g => g.First());

    private async Task OnChangedAsync(ChangeSet changes)
    {
        if (_items is null || (!_hand && !Page.IsDialogOpen))
        {
            await ReloadAsync();
            return;
        }

        var now = (await Trash.ListAsync(_actor!, Ending)).Select(item => item.Id).ToHashSet();
        now.SymmetricExceptWith(_items.Select(item => item.Id));
        _changes.UnionWith(now.Select(id => $"{id}"));
    }

    private async Task RestoreAsync(TrashedTenant item)
    {
        var operation = await Page.AskAsync<RestoreDialog, Guid>(new DialogParameters<RestoreDialog> { { d => d.Item, item }, { d => d.Actor, _actor! } });
        if (operation != Guid.Empty)
        {
            Page.Say(T["RestoreStarted", item.LegalName]);
            Navigation.NavigateTo(PortalUrls.Operation(operation));
        }
    }

    private async Task PurgeAsync(TrashedTenant item)
    {
        var operation = await Page.AskAsync<PurgeDialog, Guid>(new DialogParameters<PurgeDialog> { { d => d.Item, item }, { d => d.Actor, _actor! } });
        if (operation != Guid.Empty)
        {
            Page.Say(T["PurgeStarted", item.LegalName]);
            Navigation.NavigateTo(PortalUrls.Operation(operation));
        }
    }
}
