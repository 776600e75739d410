using MudBlazor;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The bell in the top bar: what the notices of this tab said. The browser keeps it through a reload.
/// </summary>
public sealed partial class NoticeBell(NoticeLog log, BrowserCalls browser)
{
    // The browser opens and closes the list. Its rows are drawn while it is open.
    private bool _isOpen;

    private string Label => log.Unread switch
    {
        0 => T["Notices"],
        1 => T["NoticesOne"],
        _ => T["NoticesMany", log.Unread],
    };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            log.Added += OnAdded;
            log.AddEarlier(await browser.AskAsync<SaidNotice[]>("vigia.said", Ending) ?? []);
            StateHasChanged();
        }
    }

    protected override void Leave() => log.Added -= OnAdded;

    private static string IconOf(Severity severity) => severity switch
    {
        Severity.Success => Icons.Material.Outlined.CheckCircle,
        Severity.Error => Icons.Material.Outlined.ErrorOutline,
        Severity.Warning => Icons.Material.Outlined.WarningAmber,
        _ => Icons.Material.Outlined.Info,
    };

    private static string ToneOf(Severity severity) => severity switch
    {
        Severity.Success => "tone-good",
        Severity.Error => "tone-bad",
        Severity.Warning => "tone-warning",
        _ => "tone-info",
    };

    private void MarkRead() => log.MarkRead();

    private void OnAdded() => _ = InvokeAsync(() =>
    {
        browser.Tell("vigia.keepSaid", log.Said);
        StateHasChanged();
    });
}
