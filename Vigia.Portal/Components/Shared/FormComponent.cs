using Vigia.Core.Foundation.Errors;
using Vigia.Core.Staff.Signatures;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// A form on a page, or in a dialog (<see cref="FormDialog"/>). It is submitted once at a time. Wrong input is shown at
/// its fields, a refused signature at the signature, and any other refusal as a notice. A refusal that comes after the
/// person has left the form becomes a notice that names its subject.
/// </summary>
public abstract class FormComponent(PageNotices notices) : EndingComponent
{
    private Dictionary<string, string> _errors = [];

    protected PageNotices Notices => notices;

    /// <summary>
    /// The name of the thing that the form is about, for a refusal that comes after the form is gone.
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

    protected override bool ShowsAway => true;

    /// <summary>The labels of the fields that do not have what they need, for <see cref="Missing"/>.</summary>
    protected static IEnumerable<string> Lacking(params (bool IsThere, string Label)[] fields) =>
        fields.Where(field => !field.IsThere).Select(field => field.Label);

    /// <summary>The error of a field; null without one.</summary>
    protected virtual string? Error(string field) => _errors.GetValueOrDefault(field);

    /// <summary>The value of <c>aria-invalid</c> of a field.</summary>
    protected string Invalid(string field) => Error(field) is null ? "false" : "true";

    /// <summary>Shows what is wrong with the input; null removes what was shown.</summary>
    protected virtual void ShowErrors(InvalidInputException? invalid) => _errors =
        invalid?.Errors.ToDictionary(error => error.Key, error => error.Value[0].Render()) ?? [];

    /// <summary>The field that a refusal belongs to; null when it belongs to none.</summary>
    protected virtual string? FieldOf(RuleException refusal) => null;

    /// <summary>
    /// Puts the focus on a field that can't be submitted, for example because its text can't be read.
    /// </summary>
    /// <returns>Whether there is one. Then the form is not submitted.</returns>
    protected virtual bool FocusUnreadable() => false;

    /// <summary>Shows a refusal that belongs to no field, while the person sees the form.</summary>
    protected virtual Task ShowRefusalAsync(RuleException refusal)
    {
        Refuse(notices, Subject, refusal);
        return Task.CompletedTask;
    }

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
        catch (RuleException refusal) when (IsGone)
        {
            Refuse(notices, Subject, refusal);
        }
        catch (RuleException refusal) when (Reauthentication.IsRefusal(refusal))
        {
            (ProofError, Proof) = (refusal.Reason.Render(), null);
        }
        catch (RuleException refusal) when (FieldOf(refusal) is not null)
        {
            ShowErrors(new InvalidInputException(FieldOf(refusal)!, refusal.Reason));
        }
        catch (RuleException refusal)
        {
            await ShowRefusalAsync(refusal);
        }
        finally
        {
            IsBusy = false;
        }
    }
}
