using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Renaming;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The former sub-domains of a tenant, each with the way back while it is an alias.</summary>
public sealed partial class FormerNames(PageFeed feed, TenantRenaming renaming, PageDialogs dialogs)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<TenantAlias> _aliases = [];

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Tenants, Tenant.Id, ReadAsync);

    private Task ReadAsync() => ReadAsync(
        _reading, Tenant.Id, (id, until) => renaming.AliasesAsync(Actor, id, until), aliases => _aliases = aliases);

    private async Task GiveBackAsync(string name) =>
        await dialogs.AskAsync<SubdomainDialog, bool>(new DialogParameters<SubdomainDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
            { dialog => dialog.Proposed, name },
        });
}
