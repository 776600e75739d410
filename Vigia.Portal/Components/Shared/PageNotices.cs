using MudBlazor;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The notices that tell a person what became of an action. A success goes by itself, a failure stays until it is
/// closed, and the bell keeps both.
/// </summary>
public sealed class PageNotices(ISnackbar snackbar, BrowserCalls browser, NoticeLog log, TimeProvider time)
{
    /// <summary>Long enough to read a sentence of twenty words.</summary>
    public static readonly TimeSpan SuccessStays = TimeSpan.FromSeconds(6);

    /// <summary>The reason for a refusal, followed by the advice.</summary>
    public static string TextOf(RuleException refusal) =>
        string.Join(" ", new[] { refusal.Reason.Render(), refusal.Reason.RenderAdvice() }.Where(t => t is not null));

    /// <summary>Shows that an action succeeded.</summary>
    public void Say(string text) => Show(text, Severity.Success);

    /// <summary>Shows why nothing was done.</summary>
    public void Note(string text) => Show(text, Severity.Info);

    /// <summary>Shows why a rule refused an action. The notice stays until it is closed.</summary>
    public void Refuse(RuleException refusal) => Refuse(TextOf(refusal));

    /// <summary>Shows why an action was not done. The notice stays until it is closed.</summary>
    public void Refuse(string text) => Show(text, Severity.Error);

    /// <summary>Shows a notice, with a button that leads to <paramref name="address"/> if there is one.</summary>
    public void Show(string text, Severity severity, string? button = null, string? address = null)
    {
        log.Add(new SaidNotice(text, severity, time.GetUtcNow(), address));
        snackbar.Add(text, severity, options =>
        {
            options.RequireInteraction = severity is Severity.Error or Severity.Warning;
            options.VisibleStateDuration = (int)SuccessStays.TotalMilliseconds;
            options.Action = button;
            options.OnClick = address is null ? null : _ =>
            {
                browser.GoTo(address);
                return Task.CompletedTask;
            };
        });
    }
}
