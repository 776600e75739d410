using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Vigia.Core.Foundation.Dates;

namespace Vigia.Portal.Components.Shared;

/// <summary>
/// The one rule of drafts: typed text is kept through a lost circuit and a reload, says when it was typed, and is
/// dropped by cancelling and by leaving, after a question. Esc cancels a dialog. See docs/decisions/interface.md#d230.
/// </summary>
public sealed partial class DraftGuard(
    Drafts drafts, BrowserCalls browser, NavigationManager navigation, PageDialogs dialogs, TimeProvider time)
{
    private IDisposable? _changing;

    /// <summary>The name of the form's draft.</summary>
    [Parameter, EditorRequired]
    public DraftName Name { get; set; } = default!;

    /// <summary>The subject of the form, for the question. Null when the person sees nothing else.</summary>
    [Parameter]
    public string? Subject { get; set; }

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
            || !await browser.AskAsync<bool>("vigia.hasDraft", context.CancellationToken, Name.Text)
            || IsSaving || IsGone)
        {
            // The last two: it was saved while the browser answered.
            return;
        }

        var request = new ConfirmRequest(
            T["LeaveTitle"], Subject is null ? T["LeaveEffectHere"] : T["LeaveEffect", Subject], T["LeaveAction"])
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
