using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Core.Foundation.Access;
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
public sealed class LockoutNotices : LiveComponent
{
    private const string Preference = "lockouts-until";
    private const int Most = 3;
    private long? _toldUntil;
    private Actor? _actor;

    [Inject]
    private SignInLockout Lockout { get; set; } = default!;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private ISnackbar Snackbar { get; set; } = default!;

    [Inject]
    private IStringLocalizer<LayoutText> T { get; set; } = default!;

    [Inject]
    private IJSRuntime JS { get; set; } = default!;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _actor = await Session.ActorAsync();
        if (!_actor.May(Rights.StaffManage))
        {
            return;
        }

        Watch(ChangeTopic.Staff, _ => TellAsync());
        var told = await JS.InvokeAsync<string?>("vigia.preference", Ending, Preference);
        _toldUntil = long.TryParse(told, CultureInfo.InvariantCulture, out var until) ? until : null;
        await TellAsync();
    }

    private async Task TellAsync()
    {
        var before = _toldUntil;
        var (lockouts, until) = await Lockout.ListSinceAsync(_actor!, before, Ending);
        if (_toldUntil != before || until == before)
        {
            return;
        }

        _toldUntil = until;
        await JS.InvokeVoidAsync("vigia.remember", Ending, Preference, until.ToString(CultureInfo.InvariantCulture));
        if (lockouts.Count > Most)
        {
            Add(T["LockoutMany", lockouts.Count]);
            return;
        }

        foreach (var lockout in lockouts)
        {
            Add(T["Lockout", Name(lockout), LimaTime.In(lockout.At).ToString("HH:mm", CultureInfo.InvariantCulture),
                lockout.Address ?? "?"]);
        }
    }

    private static string Name(LockoutRecord lockout)
    {
        using var whom = JsonDocument.Parse(lockout.After ?? "{}");
        return whom.RootElement.TryGetProperty("name", out var name)
            && name.GetString() is { Length: > 0 } text ? text : "?";
    }

    private void Add(string text) => Snackbar.Add(text, Severity.Warning, options => options.RequireInteraction = true);
}
