using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;

namespace Vigia.Portal.Components.Shared;

/// <summary>What nearly every page asks the circuit for: the browser, dialogs, notes at the edge, the shared words, the time.</summary>
public sealed class PageServices(IJSRuntime js, IDialogService dialogs, ISnackbar snackbar, IStringLocalizer<SharedText> shared, TimeProvider time)
{
    public IJSRuntime JS => js;

    public IDialogService Dialogs => dialogs;

    public IStringLocalizer<SharedText> Shared => shared;

    public TimeProvider Time => time;

    /// <summary>Whether a dialog lies over the page; lists keep still meanwhile.</summary>
    public bool IsDialogOpen { get; private set; }

    /// <summary>Shows a dialog and waits for its answer.</summary>
    /// <returns>What it was closed with; null when the person stayed on the safe side.</returns>
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

    /// <summary>Asks before something happens.</summary>
    /// <returns>The answer; null when the person stayed on the safe side.</returns>
    public Task<ConfirmAnswer?> ConfirmAsync(ConfirmRequest request) =>
        AskAsync<ConfirmDialog, ConfirmAnswer>(new DialogParameters<ConfirmDialog> { { dialog => dialog.Request, request } });

    /// <summary>Says that something worked.</summary>
    public void Say(string text) => snackbar.Add(text, Severity.Success);

    /// <summary>Says why nothing was done.</summary>
    public void Note(string text) => snackbar.Add(text, Severity.Info);

    /// <summary>Says what a rule refused; stays until it is closed.</summary>
    public void Refuse(Vigia.Core.Errors.RuleException refusal) =>
        snackbar.Add(string.Join(" ", new[] { refusal.Reason.Render(), refusal.Reason.RenderAdvice() }.Where(t => t is not null)), Severity.Error, o => o.RequireInteraction = true);
}
