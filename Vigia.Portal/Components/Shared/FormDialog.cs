using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A dialog with a form. It is submitted once at a time. Wrong input is shown at its fields, a refused signature at the
/// signature, and any other refusal closes the dialog with a note that names its subject; the typed text is there when
/// the dialog is opened again.
/// </summary>
public abstract class FormDialog(PageNotices notices) : EndingComponent
{
    private Dictionary<string, string> _errors = [];

    [CascadingParameter]
    protected IMudDialogInstance Dialog { get; set; } = default!;

    protected PageNotices Notices => notices;

    /// <summary>
    /// The name of the thing that the dialog is about, for a refusal that comes after the dialog is gone.
    /// </summary>
    protected abstract string Subject { get; }

    /// <summary>Whether the form is being submitted.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>The labels of the fields that are still missing. A disabled button names them.</summary>
    protected virtual IEnumerable<string> Missing => [];

    /// <summary>Whether the person has given the password or the confirmation.</summary>
    protected bool IsSigned => !string.IsNullOrEmpty(Proof);

    /// <summary>Whether nothing is missing.</summary>
    protected bool IsComplete => !Missing.Any();

    /// <summary>The password or the confirmation that signs the form; null until the person gives one.</summary>
    protected string? Proof { get; set; }

    /// <summary>Why the signature was refused; null when it was not.</summary>
    protected string? ProofError { get; set; }

    /// <summary>The error of a form with one field; null without one.</summary>
    protected string? FirstError => _errors.Values.FirstOrDefault();

    /// <summary>Whether a refusal closes the dialog. Then the draft stays.</summary>
    protected bool IsRefused { get; private set; }

    protected override bool ShowsAway => true;

    /// <summary>Whether a refusal that belongs to no field closes the dialog.</summary>
    protected virtual bool ClosesOnRefusal => true;

    /// <summary>The labels of the fields that do not have what they need, for <see cref="Missing"/>.</summary>
    protected static IEnumerable<string> Lacking(params (bool IsThere, string Label)[] fields) =>
        fields.Where(field => !field.IsThere).Select(field => field.Label);

    /// <summary>The error of a field; null without one.</summary>
    protected string? Error(string field) => _errors.GetValueOrDefault(field);

    /// <summary>The value of <c>aria-invalid</c> of a field.</summary>
    protected string Invalid(string field) => _errors.ContainsKey(field) ? "true" : "false";

    /// <summary>Shows what is wrong with the input; null removes what was shown.</summary>
    protected virtual void ShowErrors(InvalidInputException? invalid) => _errors =
        invalid?.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render()) ?? [];

    /// <summary>The field that a refusal belongs to; null when it belongs to none.</summary>
    protected virtual string? FieldOf(RuleException refusal) => null;

    /// <summary>Puts the focus on a field whose text can't be read.</summary>
    /// <returns>Whether there is one. Then the form is not submitted.</returns>
    protected virtual bool FocusUnreadable() => false;

    /// <summary>
    /// Runs <paramref name="submitAsync"/> unless it runs already or a field can't be read, and shows what is refused.
    /// </summary>
    protected async Task SubmitAsync(Func<Task> submitAsync)
    {
        if (IsBusy || FocusUnreadable())
        {
            return;
        }

        (IsBusy, ProofError) = (true, null);
        ShowErrors(null);
        try
        {
            await submitAsync();
        }
        catch (InvalidInputException invalid) when (IsGone)
        {
            Refuse(notices, Subject, FirstOf(invalid));
        }
        catch (InvalidInputException invalid)
        {
            ShowErrors(invalid);
        }
        catch (RuleException refusal) when (!IsGone && Reauthentication.IsRefusal(refusal))
        {
            (ProofError, Proof) = (refusal.Reason.Render(), null);
        }
        catch (RuleException refusal) when (!IsGone && FieldOf(refusal) is not null)
        {
            ShowErrors(new InvalidInputException(FieldOf(refusal)!, refusal.Reason));
        }
        catch (RuleException refusal)
        {
            Refuse(notices, Subject, refusal);
            if (ClosesOnRefusal)
            {
                CloseRefused();
            }
        }
        finally
        {
            IsBusy = false;
        }
    }

    /// <summary>Closes the dialog because of a refusal that belongs to no field.</summary>
    private void CloseRefused()
    {
        // Drawn before the form goes, so that the browser knows that its draft stays.
        IsRefused = true;
        StateHasChanged();
        Dialog.Cancel();
    }
}
