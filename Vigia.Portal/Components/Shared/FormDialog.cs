using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A form in a dialog. A refusal that belongs to no field closes the dialog with a note that names its subject; the
/// typed text is there when the dialog is opened again.
/// </summary>
public abstract class FormDialog(PageNotices notices) : FormComponent(notices)
{
    [CascadingParameter]
    protected IMudDialogInstance Dialog { get; set; } = default!;

    /// <summary>Whether a refusal closes the dialog. Then the draft stays.</summary>
    protected bool IsRefused { get; private set; }

    /// <summary>Whether a refusal that belongs to no field closes the dialog.</summary>
    protected virtual bool ClosesOnRefusal => true;

    protected override async Task ShowRefusalAsync(RuleException refusal)
    {
        await base.ShowRefusalAsync(refusal);
        if (ClosesOnRefusal)
        {
            // Drawn before the form goes, so that the browser knows that its draft stays.
            IsRefused = true;
            StateHasChanged();
            Dialog.Cancel();
        }
    }
}
