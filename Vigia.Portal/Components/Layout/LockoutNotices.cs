using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Core.Feed;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Account;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Layout;

/// <summary>
/// Tells administrators that an account was locked after too many wrong tries (21 CFR 11.300(d)): at once where they are, else when they come
/// back. The browser keeps up to where it has told; a note stays until it is closed. Draws nothing itself.
/// </summary>
public sealed class LockoutNotices : LiveComponent
{
    private const string Preference = "lockouts-until";
    private const int Most = 3;
    private long? _toldUntil;
    private Actor? _actor;

    [Inject]
    private StaffLockout Lockout { get; set; } = default!;

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
        var (lockouts, until) = await Lockout.SinceAsync(_actor!, before, Ending);
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
            Add(T["Lockout", Name(lockout), LimaTime.In(lockout.At).ToString("HH:mm", CultureInfo.InvariantCulture), lockout.Address ?? "?"]);
        }
    }

    private static string Name(LockoutRecord lockout)
    {
        using var whom = JsonDocument.Parse(lockout.After ?? "{}");
        return whom.RootElement.TryGetProperty("name", out var name) && name.GetString() is { Length: > 0 } text ? text : "?";
    }

    private void Add(string text) => Snackbar.Add(text, Severity.Warning, options => options.RequireInteraction = true);
}
