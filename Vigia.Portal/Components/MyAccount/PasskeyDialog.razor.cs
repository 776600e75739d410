using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Adds or renames a passkey. Closes with true when that was done.</summary>
public sealed partial class PasskeyDialog(
    PageNotices notices, BrowserCalls browser, OwnPasskeys passkeys) : FormDialog(notices)
{
    private string _name = "";

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The passkey to rename. Null adds a new one.</summary>
    [Parameter]
    public OwnPasskey? Passkey { get; set; }

    protected override string Subject => Actor.Name;

    private DraftName Draft => Passkey is null ? DraftName.Of(Actor, "passkey")
        : DraftName.Of(Actor, "passkey-name", DraftName.IdOf(Passkey.Id));

    private SignedAction What => OwnPasskeys.AdditionOf(Actor.StaffId!.Value, _name);

    // Said while it is typed, so that nobody signs or touches a device for a name that is then refused.
    private string? NameError => FirstError ?? (_name.Length > 0 ? OwnPasskeys.NameProblem(_name)?.Render() : null);

    protected override IEnumerable<string> Missing => Lacking(
        (OwnPasskeys.NameProblem(_name) is null, T["PasskeyName"]),
        (Passkey is not null || IsSigned, Shared["Signature"]));

    protected override void OnInitialized() => _name = Passkey?.Name ?? "";

    private async Task SaveAsync()
    {
        if (!IsComplete)
        {
            return;
        }

        await SubmitAsync(async () =>
        {
            if (await TrySaveAsync())
            {
                Dialog.Close(DialogResult.Ok(true));
            }
        });
    }

    private async Task<bool> TrySaveAsync()
    {
        if (Passkey is not null)
        {
            await passkeys.RenameAsync(Actor, Passkey.Id, _name, CancellationToken.None);
            return true;
        }

        // Asked before the device is: it would keep a passkey that the portal does not take.
        await passkeys.DemandRoomAsync(Actor, _name, CancellationToken.None);

        // The browser exchanges the challenge and the response with the portal over requests, because a circuit has no
        // cookies to keep the challenge. The key may be stored while the circuit has no connection.
        var answer = await browser.AskOutcomeAsync<Answer>(
            "vigia.passkeys.add", "vigia.passkeys.added", Ending, _name, Proof);
        if (answer is { Error: null })
        {
            return true;
        }

        (ProofError, Proof) = (answer?.Error ?? T["PasskeyNone"], null);
        return false;
    }

    private sealed record Answer(string? Error);
}
