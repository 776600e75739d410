using MudBlazor;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Shared;

/// <summary>The notices that tell a person what became of an action.</summary>
public sealed class PageNotices(ISnackbar snackbar)
{
    /// <summary>The reason for a refusal, followed by the advice.</summary>
    public static string TextOf(RuleException refusal) =>
        string.Join(" ", new[] { refusal.Reason.Render(), refusal.Reason.RenderAdvice() }.Where(t => t is not null));

    /// <summary>Shows that an action succeeded.</summary>
    public void Say(string text) => snackbar.Add(text, Severity.Success);

    /// <summary>Shows why nothing was done.</summary>
    public void Note(string text) => snackbar.Add(text, Severity.Info);

    /// <summary>Shows why a rule refused an action. The notice stays until it is closed.</summary>
    public void Refuse(RuleException refusal) => Refuse(TextOf(refusal));

    /// <summary>Shows why an action was not done. The notice stays until it is closed.</summary>
    public void Refuse(string text) => snackbar.Add(text, Severity.Error, o => o.RequireInteraction = true);
}
