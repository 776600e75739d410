using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Sets up an authenticator: its secret, the code that proves it works, and then the recovery codes, which are shown here only.</summary>
public sealed partial class AuthenticatorDialog
{
    // Kept by the circuit until it is confirmed; nothing is stored before.
    private readonly byte[] _secret = Totp.NewSecret();
    private IReadOnlyList<string>? _codes;
    private string _code = "";
    private string? _proof;
    private string? _codeError;
    private string? _proofError;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>Whether there is one already, which this one replaces.</summary>
    [Parameter]
    public bool Moves { get; set; }

    [Inject]
    private OwnSecondFactor SecondFactor { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private SignedAction What => new(SignedAction.SecondFactorOn, Actor.StaffId!.Value.ToString());

    private async Task EnableAsync()
    {
        if (_busy || _code.Length == 0 || string.IsNullOrEmpty(_proof))
        {
            return;
        }

        (_busy, _codeError, _proofError) = (true, null, null);
        try
        {
            _codes = await SecondFactor.EnableAsync(Actor, _secret, _code, _proof, Ending);
        }
        catch (InvalidInputException wrong)
        {
            _codeError = wrong.Errors["code"][0].Render();
        }
        catch (RuleException refusal) when (Reauthentication.IsRefusal(refusal))
        {
            (_proofError, _proof) = (refusal.Reason.Render(), null);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
            Dialog.Cancel();
        }
        finally
        {
            _busy = false;
        }
    }
}
