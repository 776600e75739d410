using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.SignIn;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Signatures;

/// <summary>
/// Re-authenticates through the identity provider in a separate window, so that the page keeps its typed text. Renders
/// nothing for people without a linked account.
/// </summary>
public sealed partial class OidcConfirmButton(OwnOidc own, IOptions<OidcOptions> options, BrowserCalls browser)
{
    private bool _linked;
    private bool _waiting;
    private int _attempt;

    /// <summary>The signed action.</summary>
    [Parameter, EditorRequired]
    public SignedAction What { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Receives the confirmation.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> Confirmed { get; set; }

    /// <summary>Receives the reason why there is no confirmation. Null when a new attempt starts.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string?> Refused { get; set; }

    protected override async Task OnInitializedAsync() =>
        _linked = options.Value.IsConfigured && Actor.May(Rights.AccountOwn)
            && await FetchAsync(until => own.ReadAsync(Actor, until)) is not null;

    private async Task WaitAsync()
    {
        var attempt = ++_attempt;
        _waiting = true;
        await Refused.InvokeAsync(null);
        var answer = await browser.AskOnceAsync<Answer>("vigia.oidc.answer", Ending);
        if (attempt != _attempt)
        {
            // A later click has replaced this attempt.
            return;
        }

        _waiting = false;
        if (answer?.Confirmation is { } confirmation)
        {
            await Confirmed.InvokeAsync(confirmation);
        }
        else
        {
            await Refused.InvokeAsync(answer?.Error ?? T["Failed"]);
        }
    }

    private sealed record Answer(string? Confirmation, string? Error);
}
