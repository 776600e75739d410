using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.DemoData;

/// <summary>
/// Shows whether a tenant's database has demonstration data, and adds or removes it. Renders nothing for a production
/// tenant without such data.
/// </summary>
public sealed partial class DemoDataCard(
    PageFeed feed, DemoDataService demo, OperationService operations, PageDialogs dialogs, PageNotices notices)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private long? _rows;
    private bool _read;
    private (Guid Id, OperationState State)? _last;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private bool MayAct => TenantAction.RemoveDemoData.IsOffered(Actor, Tenant.Standing);

    private string Name => Tenant.DisplayName;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.TenantWork, Tenant.Id, ReadAsync);

    // Reads the tenant's database again only after the operation that adds or removes the data has progressed.
    private Task ReadAsync() => ReadAsync(
        _reading, Tenant.Id,
        async (id, until) =>
        {
            var page = await operations.ListAsync(Actor, new OperationQuery { TenantId = id, PageSize = 20 }, until);
            var newest = page.Items.FirstOrDefault(
                o => o.Kind == TenantAction.FillDemoData.OperationKind
                    || o.Kind == TenantAction.RemoveDemoData.OperationKind);
            var last = newest is null ? _last : (newest.Id, newest.State);
            return (Last: last, Rows: _read && last == _last ? _rows : await demo.CountAsync(Actor, id, until));
        },
        found => (_last, _rows, _read) = (found.Last, found.Rows, true));

    private Task<bool> FillAsync() =>
        StartAsync(
            new ConfirmRequest(T["FillTitle", Name], T["FillEffect"], T["Fill"]),
            () => demo.FillAsync(Actor, Tenant.Id, CancellationToken.None), "FillStarted");

    private Task<bool> RemoveAsync() =>
        StartAsync(
            new ConfirmRequest(T["RemoveTitle", Name], T["RemoveEffect"], T["Remove"]),
            () => demo.RemoveAsync(Actor, Tenant.Id, CancellationToken.None), "RemoveStarted");

    private Task<bool> StartAsync(ConfirmRequest question, Func<Task<Guid>> start, string said) =>
        dialogs.ConfirmAsync(question with { Subject = Name }, async _ =>
        {
            await start();
            notices.Say(T[said, Name]);
        });
}
