using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>Starts the proof of isolation for every ready tenant, as the nightly job does.</summary>
public sealed partial class ProveAllButton
{
    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private IsolationService Isolation { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private async Task ProveAsync()
    {
        if (await Page.ConfirmAsync(new ConfirmRequest(T["ProveAllTitle"], T["ProveAllEffect"], T["ProveAll"])) is null)
        {
            return;
        }

        try
        {
            await Isolation.ProveAllAsync(Actor, CancellationToken.None);
            Page.Say(T["ProveAllStarted"]);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }
}
