using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Staff.MyAccount;
using Vigia.Core.Staff.Signatures;
using Vigia.Core.Staff.SignIn;
using Vigia.Portal.Components.Shared;
using Vigia.Portal.Components.SignIn.Oidc;

namespace Vigia.Portal.Components.MyAccount;

/// <summary>
/// Shows whether the person's account is linked to the company's identity provider, and links or unlinks it. Renders
/// nothing when no provider is configured.
/// </summary>
public sealed partial class OidcSection(
    OwnOidc own, IOptions<OidcOptions> options, PageDialogs dialogs, PageNotices notices,
    BrowserCalls browser)
{
    private readonly LatestRead _reading = new();
    private bool _read;
    private string? _account;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Aviso { get; set; }

    protected override Task OnInitializedAsync() => options.Value.IsConfigured ? ReadAsync() : Task.CompletedTask;

    private Task ReadAsync() =>
        ReadAsync(_reading, until => own.ReadAsync(Actor, until), account => (_account, _read) = (account, true));

    // The provider needs a full request and not a circuit, so the whole page navigates there and comes back.
    private async Task LinkAsync()
    {
        string? confirmation = null;
        await dialogs.AskProofAsync(new ProofRequest
        {
            Title = T["LinkTitle"],
            Effect = T["LinkEffect", OidcName.Of(options.Value, T)],
            Action = T["Link"],
            What = new SignedAction(SignedAction.OidcLink, Actor.StaffId!.Value.ToString()),
            Actor = Actor,
            Run = async (proof, cancellationToken) =>
                confirmation = await own.AllowLinkAsync(Actor, proof, cancellationToken),
        });
        if (confirmation is not null)
        {
            browser.GoTo(PortalUrls.OidcLinkWith(confirmation), forceLoad: true);
        }
    }

    private async Task UnlinkAsync()
    {
        var done = await dialogs.AskProofAsync(new ProofRequest
        {
            Title = T["UnlinkTitle"],
            Effect = T["UnlinkEffect"],
            Action = T["Unlink"],
            What = new SignedAction(SignedAction.OidcUnlink, Actor.StaffId!.Value.ToString()),
            Actor = Actor,
            Destructive = true,
            Run = (proof, cancellationToken) => own.UnlinkAsync(Actor, proof, cancellationToken),
        });
        if (done)
        {
            notices.Say(T["UnlinkDone"]);
        }

        await ReadAsync();
    }
}
