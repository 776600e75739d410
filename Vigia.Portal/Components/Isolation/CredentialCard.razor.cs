using Microsoft.AspNetCore.Components;
using Vigia.Core.Credentials;
using Vigia.Core.Errors;
using Vigia.Core.Feed;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>The login roles of a client's database, and rotating them.</summary>
public sealed partial class CredentialCard
{
    private IReadOnlyList<CredentialView>? _roles;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private CredentialService Credentials { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    protected override async Task OnInitializedAsync()
    {
        Watch(ChangeTopic.Tenants, changes => changes.Concerns(Tenant.Id) ? ReadAsync() : Task.CompletedTask);
        await ReadAsync();
    }

    private async Task ReadAsync() => _roles = await Credentials.ListAsync(Actor, Tenant.Id, Ending);

    private async Task RotateAsync()
    {
        var name = Tenant.Row.LegalName ?? Tenant.Row.Subdomain ?? "";
        var answer = await Page.ConfirmAsync(new ConfirmRequest(T["RotateTitle", name], T["RotateEffect"], T["Rotate"]) { AsksText = true, TextRequired = true });
        if (answer is null)
        {
            return;
        }

        try
        {
            await Credentials.RotateAsync(Actor, Tenant.Id, answer.ReasonText, Ending);
            Page.Say(T["RotateStarted", name]);
        }
        catch (RuleException refusal)
        {
            Page.Refuse(refusal);
        }
    }
}
