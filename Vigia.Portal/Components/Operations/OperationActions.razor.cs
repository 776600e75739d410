using Microsoft.AspNetCore.Components;
using Vigia.Core.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>Try again, cancel: for those who may control operations.</summary>
public sealed partial class OperationActions
{
    private bool _busy;

    [Parameter, EditorRequired]
    public Operation Operation { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    // The portal's own work, on no client, is never cancelled: there is nothing to explain either.
    private bool MayEverCancel => (Operation.TenantId ?? Operation.ItemCount) is not null && (Operation.State is not OperationState.Failed || Operations.CanCancel(Operation));

    private Task RetryAsync() => DoAsync(async () =>
    {
        await Operations.RetryAsync(Actor, Operation.Id, CancellationToken.None);
        Page.Say(T["Retried"]);
    });

    private Task CancelAsync() => DoAsync(async () =>
    {
        var effect = T[$"CancelEffect_{Operation.Kind}"] is { ResourceNotFound: false } own ? own : T["CancelEffect"];
        var request = new ConfirmRequest(T["CancelTitle", OperationWords.Kind(Operation.Kind, T)], effect, T["Cancel"]) { Destructive = true, Dismiss = T["CancelDismiss"] };
        if (await Page.ConfirmAsync(request) is not null)
        {
            await Operations.CancelAsync(Actor, Operation.Id, CancellationToken.None);
            Page.Say(T["CancelAsked"]);
        }
    });

    private async Task DoAsync(Func<Task> actAsync)
    {
        if (_busy)
        {
            return;
        }

        _busy = true;
        try
        {
            await actAsync();
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
        finally
        {
            _busy = false;
        }
    }
}
