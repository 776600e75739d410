using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Operations;

/// <summary>The buttons to retry and cancel an operation, for people who may control operations.</summary>
public sealed partial class OperationActions(OperationService operations, PageDialogs dialogs, PageNotices notices)
{
    private bool _busy;

    [Parameter, EditorRequired]
    public Operation Operation { get; set; } = default!;

    /// <summary>The name of its tenant; null when it has none.</summary>
    [Parameter]
    public string? TenantName { get; set; }

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    // Controlling an operation also requires the right to request its kind.
    private bool MayControl => operations.RightOf(Operation) is not { } right || Actor.May(right);

    // Maintenance operations without a tenant can never be cancelled, so their pages do not explain why the button is
    // missing.
    private bool MayEverCancel =>
        (Operation.TenantId ?? Operation.ItemCount) is not null
        && (Operation.State is not OperationState.Failed || operations.CanCancel(Operation));

    private string About =>
        OperationWords.Kind(Operation, T) + (TenantName is { } on ? $" ({on})" : null);

    private Task RetryAsync() => RunOnceAsync(async () =>
    {
        if (!await ConfirmManyAsync())
        {
            return;
        }

        await operations.RetryAsync(Actor, Operation.Id, CancellationToken.None);
        notices.Say(NoteAbout(About, T["Retried"]));
    });

    // Many tenants are no more one click the second time than the first time. An operation that backs off continues by
    // itself, so a retry only begins it earlier.
    private async Task<bool> ConfirmManyAsync()
    {
        if (Operation is { TenantId: not null } or { State: OperationState.Queued }
            || await WhileHereAsync(operations.PlanRetryAsync(Actor, Operation.Id, Ending)) is not { } plan
            || plan.Run <= BulkQuestion.MostUntyped)
        {
            return true;
        }

        var question = new ConfirmRequest(
            T["RetryTitle", OperationWords.Kind(Operation, T)], T["RetryEffect", plan.Run], T["Retry"]);
        return await dialogs.ConfirmAsync(
            BulkQuestion.About(question, plan.Run, plan.NewDatabases, plan.Cost, Shared)) is not null;
    }

    private Task CancelAsync() => RunOnceAsync(async () =>
    {
        var effect = T[$"CancelEffect_{Operation.Kind}"] is { ResourceNotFound: false } own ? own : T["CancelEffect"];
        var request = new ConfirmRequest(
            T["CancelTitle", OperationWords.Kind(Operation, T)], effect, T["Cancel"])
        {
            Subject = About, Destructive = true, Dismiss = T["CancelDismiss"],
        };
        await dialogs.ConfirmAsync(request, async _ =>
        {
            await operations.CancelAsync(Actor, Operation.Id, CancellationToken.None);
            notices.Say(NoteAbout(About, T["CancelAsked"]));
        });
    });

    private async Task RunOnceAsync(Func<Task> actAsync)
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
            Refuse(notices, About, refusal);
        }
        finally
        {
            _busy = false;
        }
    }
}
