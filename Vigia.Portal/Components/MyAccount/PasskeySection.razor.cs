using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>The person's own passkeys.</summary>
public sealed partial class PasskeySection(
    OwnPasskeys passkeys, PageDialogs dialogs, PageNotices notices, NavigationManager navigation,
    BrowserCalls browser)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<OwnPasskey>? _passkeys;

    // Why this page can have no passkey, as the script names it; null when it can. Empty until the browser has
    // answered.
    private string? _obstacle = "";

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        _obstacle = await browser.AskAsync<string?>("vigia.passkeys.obstacle", Ending);
        await ReadAsync();
    }

    private bool IsFull => _passkeys?.Count >= OwnPasskeys.Most;

    // This machine by its name, when the page was opened by its number.
    private Uri? ByName => _obstacle == "address" && new Uri(navigation.Uri) is { IsLoopback: true } here
        ? new UriBuilder(here) { Host = "localhost" }.Uri : null;

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
        await dialogs.AskAsync<PasskeyDialog, bool>(
            new DialogParameters<PasskeyDialog> { { d => d.Actor, Actor }, { d => d.Passkey, passkey } });
        await ReadAsync();
    }

    private async Task RemoveAsync(OwnPasskey passkey)
    {
        await dialogs.AskProofAsync(new ProofRequest
        {
            Title = T["PasskeyRemoveWhich", passkey.Name],
            Effect = T["PasskeyRemoveEffect"],
            Action = T["PasskeyRemove"],
            What = OwnPasskeys.RemovalOf(Actor.StaffId!.Value, passkey.Id),
            Actor = Actor,
            Destructive = true,
            Run = (proof, cancellationToken) => passkeys.RemoveAsync(Actor, passkey.Id, proof, cancellationToken),
        });
        await ReadAsync();
    }
}
