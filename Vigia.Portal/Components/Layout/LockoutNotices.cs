using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Localization;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Notifies administrators that an account was locked after too many failed attempts (21 CFR 11.300(d)): immediately
/// while they use the portal, otherwise on their next visit. The browser stores how far they were notified. A notice
/// stays until it is closed. Renders no markup.
/// </summary>
// More than five dependencies: it has no markup, so its texts are a dependency too.
public sealed class LockoutNotices(
    PageFeed feed, SignInLockout lockout, StaffSession session, PageNotices notices,
    IStringLocalizer<LayoutText> texts, BrowserCalls browser) : FrameComponent(feed)
{
    private const string Preference = "lockouts-until";
    private const int Most = 3;
    private long? _notifiedUntil;
    private Actor? _actor;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await session.ActorAsync();
        if (!_actor.May(Rights.StaffManage))
        {
            return;
        }

        var stored = await WhileHereAsync(browser.AskAsync<string>("vigia.preference", Ending, Preference));
        _notifiedUntil = long.TryParse(stored, CultureInfo.InvariantCulture, out var until) ? until : null;
        await FollowSharedAsync(ShowNewAsync, ChangeTopic.Staff);
    }

    private async Task ShowNewAsync()
    {
        var before = _notifiedUntil;
        var (lockouts, until) = await Feed.SharedAsync(
            _actor!, new SharedQuestion("staff:lockouts", before, ChangeTopic.Staff),
            reading => lockout.ListSinceAsync(_actor!, before, reading), Ending);
        if (_notifiedUntil != before || until == before)
        {
            return;
        }

        _notifiedUntil = until;
        browser.Send("vigia.remember", Preference, until.ToString(CultureInfo.InvariantCulture));
        if (lockouts.Count > Most)
        {
            Add(texts["LockoutMany", lockouts.Count]);
            return;
        }

        foreach (var one in lockouts)
        {
            Add(texts["Lockout", Name(one), LimaTime.In(one.At).ToString("HH:mm", CultureInfo.InvariantCulture),
                one.Address ?? "?"]);
        }
    }

    private static string Name(LockoutRecord one)
    {
        using var account = JsonDocument.Parse(one.After ?? "{}");
        return account.RootElement.TryGetProperty("name", out var name)
            && name.GetString() is { Length: > 0 } text ? text : "?";
    }

    private void Add(string text) => notices.Show(text, Severity.Warning);
}
