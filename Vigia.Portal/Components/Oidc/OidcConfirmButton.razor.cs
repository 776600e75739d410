using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Microsoft.JSInterop;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Oidc;

/// <summary>
/// Proves through the identity provider again who one is, in a window of its own, so that the page with what was typed stays as it is. For who has
/// an account linked; nothing for others.
/// </summary>
public sealed partial class OidcConfirmButton
{
    private bool _linked;
    private bool _waiting;

    /// <summary>What is signed.</summary>
    [Parameter, EditorRequired]
    public SignedAction What { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Given the confirmation.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> Confirmed { get; set; }

    /// <summary>Given why there is none; null when it begins anew.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string?> Refused { get; set; }

    [Inject]
    private OwnOidc Own { get; set; } = default!;

    [Inject]
    private IOptions<OidcOptions> Options { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnInitializedAsync() =>
        _linked = Options.Value.IsConfigured && Actor.May(Rights.AccountOwn) && await Own.ReadAsync(Actor, Ending) is not null;

    private async Task WaitAsync()
    {
        _waiting = true;
        await Refused.InvokeAsync(null);
        var answer = await Page.JS.InvokeAsync<Answer?>("vigia.oidc.answer", Ending);
        if (answer is null)
        {
            // Another click asks now.
            return;
        }

        _waiting = false;
        if (answer.Confirmation is { } confirmation)
        {
            await Confirmed.InvokeAsync(confirmation);
        }
        else
        {
            await Refused.InvokeAsync(answer.Error ?? T["Failed"]);
        }
    }

    private sealed record Answer(string? Confirmation, string? Error);
}
