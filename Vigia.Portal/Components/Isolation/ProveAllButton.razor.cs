using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Isolation;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>Has the isolation of every ready client proved now, as every night.</summary>
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
