using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Shared;

/// <summary>The services that nearly every page needs: browser, dialogs, notices, shared texts and time.</summary>
public sealed class PageServices(
    IJSRuntime js, IDialogService dialogs, ISnackbar snackbar, IStringLocalizer<SharedText> shared, TimeProvider time)
{
    public IJSRuntime JS => js;

    /// <summary>The drafts of text that was typed and not saved.</summary>
    public Drafts Drafts { get; } = new(js);

    public IDialogService Dialogs => dialogs;

    public IStringLocalizer<SharedText> Shared => shared;

    public TimeProvider Time => time;

    /// <summary>Whether a dialog is open over the page. Lists do not move while it is.</summary>
    public bool IsDialogOpen { get; private set; }

    /// <summary>Shows a dialog and waits for its result.</summary>
    /// <returns>The result of the dialog. Null when the person chose the safe choice.</returns>
    public async Task<TAnswer?> AskAsync<TDialog, TAnswer>(DialogParameters<TDialog> parameters)
        where TDialog : Microsoft.AspNetCore.Components.IComponent
    {
        IsDialogOpen = true;
        try
        {
            var reference = await dialogs.ShowAsync<TDialog>(null, parameters);
            return await reference.Result is { Canceled: false, Data: TAnswer answer } ? answer : default;
        }
        finally
        {
            IsDialogOpen = false;
        }
    }

    /// <summary>Asks for confirmation before an action.</summary>
    /// <returns>The answer. Null when the person chose the safe choice.</returns>
    public Task<ConfirmAnswer?> ConfirmAsync(ConfirmRequest request) =>
        AskAsync<ConfirmDialog,
        ConfirmAnswer>(new DialogParameters<ConfirmDialog> { { dialog => dialog.Request, request } });

    /// <summary>Shows that an action succeeded.</summary>
    public void Say(string text) => snackbar.Add(text, Severity.Success);

    /// <summary>Shows why nothing was done.</summary>
    public void Note(string text) => snackbar.Add(text, Severity.Info);

    /// <summary>Shows why a rule refused an action. The notice stays until it is closed.</summary>
    public void Refuse(RuleException refusal) => Refuse(TextOf(refusal));

    /// <summary>Shows why an action was not done. The notice stays until it is closed.</summary>
    public void Refuse(string text) => snackbar.Add(text, Severity.Error, o => o.RequireInteraction = true);

    /// <summary>The reason for a refusal, followed by the advice.</summary>
    public static string TextOf(RuleException refusal) =>
        string.Join(" ", new[] { refusal.Reason.Render(), refusal.Reason.RenderAdvice() }.Where(t => t is not null));
}
