using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Core.Errors;
using Vigia.Core.Staff;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>Adds a passkey, or gives one another name; closes with true when that was done.</summary>
public sealed partial class PasskeyDialog
{
    private string _name = "";
    private string? _proof;
    private string? _nameError;
    private string? _proofError;
    private bool _busy;

    [CascadingParameter]
    private IMudDialogInstance Dialog { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    /// <summary>The one to rename; null adds one.</summary>
    [Parameter]
    public OwnPasskey? Passkey { get; set; }

    [Inject]
    private OwnPasskeys Passkeys { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private SignedAction What => new(SignedAction.PasskeyAdd, Actor.StaffId!.Value.ToString());

    private bool IsComplete => !string.IsNullOrWhiteSpace(_name) && (Passkey is not null || !string.IsNullOrEmpty(_proof));

    protected override void OnInitialized() => _name = Passkey?.Name ?? "";

    private async Task SaveAsync()
    {
        if (_busy || !IsComplete)
        {
            return;
        }

        (_busy, _nameError, _proofError) = (true, null, null);
        try
        {
            if (await TrySaveAsync())
            {
                Dialog.Close(DialogResult.Ok(true));
            }
        }
        catch (InvalidInputException wrong)
        {
            _nameError = wrong.Errors["name"][0].Render();
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

    private async Task<bool> TrySaveAsync()
    {
        if (Passkey is not null)
        {
            await Passkeys.RenameAsync(Actor, Passkey.Id, _name, Ending);
            return true;
        }

        // The browser talks to the device and to us: what it is asked, and its answer, belong to a request, which a circuit has not.
        var answer = await Page.JS.InvokeAsync<Answer?>("vigia.passkeys.add", Ending, _name, _proof);
        if (answer is { Error: null })
        {
            return true;
        }

        (_proofError, _proof) = (answer?.Error ?? T["PasskeyNone"], null);
        return false;
    }

    private sealed record Answer(string? Error);
}
