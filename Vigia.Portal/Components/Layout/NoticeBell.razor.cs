using MudBlazor;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// The bell in the top bar: what the notices of this tab said to this person. The browser keeps it through a reload.
/// </summary>
public sealed partial class NoticeBell(NoticeLog log, BrowserCalls browser, StaffSession session)
{
    // The browser opens and closes the list. Its rows are drawn while it is open.
    private bool _isOpen;

    private Guid? _person;

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
            _person = (await session.ActorAsync()).StaffId;
            log.Added += OnAdded;
            log.AddEarlier(await browser.AskAsync<SaidNotice[]>("vigia.said", Ending, _person) ?? []);
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
        browser.Send("vigia.keepSaid", _person, log.Said);
        StateHasChanged();
    });
}
