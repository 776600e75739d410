using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>Starts the proof of isolation for every ready tenant, as the nightly job does.</summary>
public sealed partial class ProveAllButton(IsolationService isolation, PageDialogs dialogs, PageNotices notices)
{
    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private async Task ProveAsync()
    {
        var plan = await WhileHereAsync(isolation.PlanAllAsync(Actor, Ending));
        var question = BulkQuestion.About(
            new ConfirmRequest(T["ProveAllTitle"], T["ProveAllEffect"], T["ProveAll"]), plan.Run, newDatabases: 0,
            plan.Cost, Shared);
        await dialogs.ConfirmAsync(question, async _ =>
        {
            await isolation.ProveAllAsync(Actor, CancellationToken.None);
            notices.Say(T["ProveAllStarted"]);
        });
    }
}
