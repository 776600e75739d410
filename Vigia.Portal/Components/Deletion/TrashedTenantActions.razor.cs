using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Deletion;

/// <summary>Restores or purges one tenant of the trash.</summary>
public sealed partial class TrashedTenantActions(
    PageDialogs dialogs, PageNotices notices, BrowserCalls browser, TimeProvider time)
{
    [Parameter, EditorRequired]
    public TrashedTenant Item { get; set; } = default!;

    /// <summary>The unfinished operation on the tenant. Null when there is none.</summary>
    [Parameter]
    public Operation? Work { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Only the restore, as the main action of a page: the undo of the move to the trash.</summary>
    [Parameter]
    public bool IsLead { get; set; }

    private TrashStanding Standing =>
        TrashStandings.Of(Item, Work is { } work ? [work] : [], time.GetUtcNow());

    // The page that lists the tenant shows its work, and that its drop has begun.
    private bool IsExplainedBeside => Work is not null || Item.DropBegunAt is not null;

    private string? DescribedBy(TrashAction action) =>
        Work is null && action.IsPossible(Standing) ? null : $"work-{Item.Id}";

    private async Task RestoreAsync()
    {
        var operation = await dialogs.AskAsync<RestoreDialog, Guid>(
            new DialogParameters<RestoreDialog> { { d => d.Item, Item }, { d => d.Actor, Actor } });
        if (operation != Guid.Empty)
        {
            notices.Say(T["RestoreStarted", Item.LegalName]);
            browser.GoTo(PortalUrls.Operation(operation));
        }
    }

    private async Task PurgeAsync()
    {
        var operation = await dialogs.AskAsync<PurgeDialog, Guid>(
            new DialogParameters<PurgeDialog> { { d => d.Item, Item }, { d => d.Actor, Actor } });
        if (operation != Guid.Empty)
        {
            notices.Say(T["PurgeStarted", Item.LegalName]);
            browser.GoTo(PortalUrls.Operation(operation));
        }
    }
}
