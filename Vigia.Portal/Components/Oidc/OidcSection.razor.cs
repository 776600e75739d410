using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Portal.Components.MyAccount;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Oidc;

/// <summary>One's own account at the company's identity provider: linked or not. Nothing where there is no provider.</summary>
public sealed partial class OidcSection
{
    private bool _read;
    private string? _account;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [SupplyParameterFromQuery]
    private string? Aviso { get; set; }

    [Inject]
    private OwnOidc Own { get; set; } = default!;

    [Inject]
    private IOptions<OidcOptions> Options { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    protected override Task OnInitializedAsync() => Options.Value.IsConfigured ? ReadAsync() : Task.CompletedTask;

    private async Task ReadAsync() => (_account, _read) = (await Own.ReadAsync(Actor, Ending), true);

    // The provider answers a request, not a circuit: the whole page goes there and comes back.
    private async Task LinkAsync()
    {
        string? confirmation = null;
        await Page.AskProofAsync(new ProofRequest
        {
            Title = T["LinkTitle"],
            Effect = T["LinkEffect", OidcName.Of(Options.Value, T)],
            Action = T["Link"],
            What = new SignedAction(SignedAction.OidcLink, Actor.StaffId!.Value.ToString()),
            Actor = Actor,
            Run = async (proof, cancellationToken) => confirmation = await Own.AllowLinkAsync(Actor, proof, cancellationToken),
        });
        if (confirmation is not null)
        {
            Navigation.NavigateTo(PortalUrls.OidcLinkWith(confirmation), forceLoad: true);
        }
    }

    private async Task UnlinkAsync()
    {
        var done = await Page.AskProofAsync(new ProofRequest
        {
            Title = T["UnlinkTitle"],
            Effect = T["UnlinkEffect"],
            Action = T["Unlink"],
            What = new SignedAction(SignedAction.OidcUnlink, Actor.StaffId!.Value.ToString()),
            Actor = Actor,
            Destructive = true,
            Run = (proof, cancellationToken) => Own.UnlinkAsync(Actor, proof, cancellationToken),
        });
        if (done)
        {
            Page.Say(T["UnlinkDone"]);
        }

        await ReadAsync();
    }
}
