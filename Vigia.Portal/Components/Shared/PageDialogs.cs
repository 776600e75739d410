using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>The dialogs of a page.</summary>
public sealed class PageDialogs(IDialogService dialogs)
{
    private TaskCompletionSource _abandoned = new();
    private int _open;

    /// <summary>Whether a dialog is open over the page. Lists do not move while it is.</summary>
    public bool IsOpen => _open > 0;

    /// <summary>Ends the waiting for the dialogs, which are no longer on the screen because one failed.</summary>
    public void Abandon() => _abandoned.TrySetResult();

    /// <summary>Shows a dialog and waits for its result.</summary>
    /// <returns>The result of the dialog. Null when the person chose the safe choice.</returns>
    public async Task<TAnswer?> AskAsync<TDialog, TAnswer>(DialogParameters<TDialog> parameters)
        where TDialog : Microsoft.AspNetCore.Components.IComponent
    {
        // A dialog may ask a question itself, before it is left. Both fail together.
        _abandoned = _open++ == 0 ? new TaskCompletionSource() : _abandoned;
        try
        {
            var abandoned = _abandoned.Task;
            var reference = await dialogs.ShowAsync<TDialog>(null, parameters);
            return await Task.WhenAny(reference.Result, abandoned) == reference.Result
                && await reference.Result is { Canceled: false, Data: TAnswer answer } ? answer : default;
        }
        finally
        {
            _open--;
        }
    }

    /// <summary>
    /// Asks for confirmation and runs the action while the dialog is open. A refused text stays in the dialog with the
    /// reason, and so does everything that was typed while the master is away. Any other refusal becomes a notice.
    /// </summary>
    /// <param name="request">The question.</param>
    /// <param name="actAsync">The action. It says itself that it was done.</param>
    /// <returns>Whether the action was done.</returns>
    public async Task<bool> ConfirmAsync(ConfirmRequest request, Func<ConfirmAnswer, Task> actAsync) =>
        await AskAsync<ConfirmDialog, ConfirmAnswer>(new DialogParameters<ConfirmDialog>
        {
            { dialog => dialog.Request, request }, { dialog => dialog.ActAsync, actAsync },
        }) is not null;

    /// <summary>Asks a question whose answer is all that is needed, such as whether to leave a form.</summary>
    /// <returns>The answer. Null when the person chose the safe choice.</returns>
    public Task<ConfirmAnswer?> ConfirmAsync(ConfirmRequest request) =>
        AskAsync<ConfirmDialog, ConfirmAnswer>(
            new DialogParameters<ConfirmDialog> { { dialog => dialog.Request, request } });
}
