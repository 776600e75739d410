using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Account;

/// <summary>
/// Asks who is there once more, before something that is signed: by password, or by passkey or identity provider for who has one. Its value is what
/// <see cref="Reauthentication"/> takes, the password or a confirmation for just this action.
/// </summary>
public sealed partial class SignaturePrompt
{
    private bool _hasPasskey;
    private bool _asking;
    private bool _byProvider;
    private string? _error;

    /// <summary>The id of the password field.</summary>
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>What is signed.</summary>
    [Parameter, EditorRequired]
    public SignedAction What { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter]
    public string? Value { get; set; }

    [Parameter]
    public EventCallback<string?> ValueChanged { get; set; }

    /// <summary>What was wrong with it.</summary>
    [Parameter]
    public string? Error { get; set; }

    /// <summary>Of the password field; "Su contraseña" when null.</summary>
    [Parameter]
    public string? Label { get; set; }

    [Inject]
    private OwnPasskeys Passkeys { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private bool IsConfirmed => Value?.StartsWith(Confirmations.Prefix, StringComparison.Ordinal) == true;

    protected override async Task OnInitializedAsync() => _hasPasskey = Actor.May(Rights.AccountOwn) && (await Passkeys.ListAsync(Actor, Ending)).Count > 0;

    private async Task ConfirmAsync()
    {
        (_asking, _byProvider, _error) = (true, false, null);
        var answer = await Page.JS.InvokeAsync<Answer?>("vigia.passkeys.confirm", Ending, What.Action, What.Target);
        _asking = false;
        if (answer?.Confirmation is { } confirmation)
        {
            await ValueChanged.InvokeAsync(confirmation);
        }
        else
        {
            _error = answer?.Error ?? T["PasskeyFailed"];
        }
    }

    private Task ConfirmedByProviderAsync(string confirmation)
    {
        (_byProvider, _error) = (true, null);
        return ValueChanged.InvokeAsync(confirmation);
    }

    private sealed record Answer(string? Confirmation, string? Error);
}
