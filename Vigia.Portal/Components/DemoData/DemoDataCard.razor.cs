using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.DemoData;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.DemoData;

/// <summary>
/// Shows whether a tenant's database had demonstration data when it was last counted, and adds or removes it. Renders
/// nothing for a production tenant without such data.
/// </summary>
public sealed partial class DemoDataCard(
    PageFeed feed, DemoDataService demo, TenantContents contents, PageDialogs dialogs, PageNotices notices)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private TenantContent? _content;
    private bool _read;
    private (int Id, DateTimeOffset? CountedAt)? _shown;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private bool MayAct => TenantAction.RemoveDemoData.IsOffered(Actor, Tenant.Standing);

    private long? Rows => _content?.DemoRows;

    private string Name => Tenant.DisplayName;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.TenantWork, Tenant.Id, ReadAsync);

    // The page was told that the content was counted again.
    protected override async Task OnParametersSetAsync()
    {
        var isCountedAgain = _shown is { } shown && shown != (Tenant.Id, Tenant.ContentAt);
        _shown = (Tenant.Id, Tenant.ContentAt);
        if (isCountedAgain)
        {
            await ReadAsync();
        }
    }

    // The operation that adds or removes the data counts it before its end.
    private Task ReadAsync() => ReadAsync(
        _reading, Tenant.Id, (id, until) => contents.ReadAsync(Actor, id, until),
        content => (_content, _read) = (content, true));

    private async Task<bool> CountAsync()
    {
        var isCounted = true;
        await ReadAsync(
            _reading, Tenant.Id, (id, until) => contents.CountAsync(Actor, id, until),
            content => (_content, isCounted) = (content ?? _content, content is not null));
        return isCounted;
    }

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
