using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>The person's own passkeys.</summary>
public sealed partial class PasskeySection(
    OwnPasskeys passkeys, PageDialogs dialogs, PageNotices notices, NavigationManager navigation, IJSRuntime js)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<OwnPasskey>? _passkeys;
    private bool _supported;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private Uri Here => new(navigation.Uri);

    private bool IsAddress => Here.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6;

    // The same page by a name, where this machine has one.
    private string? ByName => IsAddress && Here.IsLoopback
        ? new UriBuilder(Here) { Host = "localhost" }.Uri.ToString() : null;

    protected override async Task OnInitializedAsync()
    {
        _supported = await js.InvokeAsync<bool>("vigia.passkeys.supported", Ending);
        await ReadAsync();
    }

    private Task ReadAsync() =>
        ReadAsync(_reading, until => passkeys.ListAsync(Actor, until), listed => _passkeys = listed);

    private async Task AddAsync()
    {
        if (await dialogs.AskAsync<PasskeyDialog, bool>(
            new DialogParameters<PasskeyDialog> { { d => d.Actor, Actor } }))
        {
            notices.Say(T["PasskeyAddDone"]);
        }

        await ReadAsync();
    }

    private async Task RenameAsync(OwnPasskey passkey)
    {
        await dialogs.AskAsync<PasskeyDialog,
        bool>(new DialogParameters<PasskeyDialog> { { d => d.Actor, Actor }, { d => d.Passkey, passkey } });
        await ReadAsync();
    }

    private async Task RemoveAsync(OwnPasskey passkey)
    {
        await dialogs.AskProofAsync(new ProofRequest
        {
            Title = T["PasskeyRemoveWhich", passkey.Name],
            Effect = T["PasskeyRemoveEffect"],
            Action = T["PasskeyRemove"],
            What = new SignedAction(SignedAction.PasskeyRemove, Actor.StaffId!.Value.ToString()),
            Actor = Actor,
            Destructive = true,
            Run = (proof, cancellationToken) => passkeys.RemoveAsync(Actor, passkey.Id, proof, cancellationToken),
        });
        await ReadAsync();
    }
}
