using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Signatures;

/// <summary>
/// Asks for re-authentication before a signed action: by password, or by passkey or identity provider for people who
/// have one. Its value is the input of <see cref="Reauthentication"/>: the password, or a confirmation for this action
/// only.
/// </summary>
public sealed partial class SignaturePrompt(OwnPasskeys passkeys, BrowserCalls browser)
{
    private bool _hasPasskey;

    // Whether the page was opened by an IP address, where no passkey works.
    private bool _isAtAddress;
    private bool _asking;
    private bool _byProvider;
    private SignedAction? _confirmed;
    private string? _error;
    private string? _typed;

    /// <summary>The id of the password field.</summary>
    [Parameter, EditorRequired]
    public string Id { get; set; } = "";

    /// <summary>The signed action. When it changes, a confirmation for the previous one is dropped.</summary>
    [Parameter, EditorRequired]
    public SignedAction What { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter]
    public string? Value { get; set; }

    [Parameter]
    public EventCallback<string?> ValueChanged { get; set; }

    /// <summary>The error of the last attempt.</summary>
    [Parameter]
    public string? Error { get; set; }

    /// <summary>The meaning of the signature in words. Null when the dialog explains it itself.</summary>
    [Parameter]
    public string? Meaning { get; set; }

    /// <summary>The exact content that is signed: person, address, roles.</summary>
    [Parameter]
    public string? Details { get; set; }

    /// <summary>The label of the password field. "Su contraseña" when null.</summary>
    [Parameter]
    public string? Label { get; set; }

    private bool IsConfirmed => Value?.StartsWith(Confirmations.Prefix, StringComparison.Ordinal) == true;

    // Until it is known whether the person has a passkey, the password is offered.
    protected override async Task OnInitializedAsync()
    {
        if (!Actor.May(Rights.AccountOwn)
            || (await FetchAsync(until => passkeys.ListAsync(Actor, until))).Count == 0)
        {
            return;
        }

        _hasPasskey = await browser.AskAsync<bool>("vigia.passkeys.supported", Ending);
        _isAtAddress = !_hasPasskey
            && await browser.AskAsync<string?>("vigia.passkeys.obstacle", Ending) == "address";
    }

    protected override async Task OnParametersSetAsync()
    {
        _typed = IsConfirmed ? null : Value;
        if (IsConfirmed && _confirmed is not null && _confirmed != What)
        {
            _confirmed = null;
            await ValueChanged.InvokeAsync(null);
        }
    }

    private async Task ConfirmAsync()
    {
        var what = What;
        (_asking, _byProvider, _error) = (true, false, null);
        var answer = await browser.AskOnceAsync<Answer>(
            "vigia.passkeys.confirm", Ending, what.Action, what.Target);
        _asking = false;
        if (answer?.Confirmation is { } confirmation)
        {
            _confirmed = what;
            await ValueChanged.InvokeAsync(confirmation);
        }
        else
        {
            _error = answer?.Error ?? T["PasskeyFailed"];
        }
    }

    private Task ConfirmedByProviderAsync(string confirmation)
    {
        (_byProvider, _error, _confirmed) = (true, null, What);
        return ValueChanged.InvokeAsync(confirmation);
    }

    private sealed record Answer(string? Confirmation, string? Error);
}
