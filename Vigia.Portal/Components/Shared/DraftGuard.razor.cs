using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The one rule of drafts, for the form of a page: what was typed is kept through a lost circuit and a reload, says
/// when it was typed, and is dropped by cancelling and by leaving, after a question. Dialogs have the same rule in
/// <c>portal.js</c>: a dialog has no address to leave.
/// </summary>
public sealed partial class DraftGuard(
    Drafts drafts, BrowserCalls browser, NavigationManager navigation, PageDialogs dialogs, TimeProvider time)
{
    private IDisposable? _changing;

    /// <summary>The name of the form's draft.</summary>
    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    /// <summary>What the form is about, for the question.</summary>
    [Parameter, EditorRequired]
    public string Subject { get; set; } = "";

    /// <summary>When the text that was restored into the form was typed. Null when nothing was restored.</summary>
    [Parameter]
    public DateTimeOffset? RestoredAt { get; set; }

    /// <summary>
    /// Whether the form is being saved, or was. Then it is left without a question. If saving fails after the page was
    /// left, the draft is still there.
    /// </summary>
    [Parameter]
    public bool IsSaving { get; set; }

    /// <summary>Resets the form, after the draft was dropped.</summary>
    [Parameter]
    public EventCallback OnDiscarded { get; set; }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && !IsGone)
        {
            _changing = navigation.RegisterLocationChangingHandler(OnLeavingAsync);
        }
    }

    protected override void Leave() => _changing?.Dispose();

    // The day is added when it was not today.
    private string TimeOf(DateTimeOffset at)
    {
        var (then, now) = (LimaTime.In(at), LimaTime.In(time.GetUtcNow()));
        return then.Date == now.Date ? then.ToString("HH:mm", CultureInfo.CurrentCulture) : LimaTime.Exact(at);
    }

    private Task DiscardAsync()
    {
        drafts.Forget(Name);
        return OnDiscarded.InvokeAsync();
    }

    private async ValueTask OnLeavingAsync(LocationChangingContext context)
    {
        if (IsSaving || navigation.ToAbsoluteUri(context.TargetLocation).AbsoluteUri == navigation.Uri
            || !await browser.AskAsync<bool>("vigia.hasDraft", context.CancellationToken, Name)
            || IsSaving || IsGone)
        {
            // The last two: it was saved while the browser answered.
            return;
        }

        var request = new ConfirmRequest(T["LeaveTitle"], T["LeaveEffect", Subject], T["LeaveAction"])
        {
            Dismiss = T["LeaveDismiss"],
            Destructive = true,
        };
        if (await dialogs.ConfirmAsync(request) is null)
        {
            context.PreventNavigation();
        }
        else
        {
            drafts.Forget(Name);
        }
    }
}
