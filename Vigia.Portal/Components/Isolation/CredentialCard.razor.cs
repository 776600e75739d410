using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>The credentials of a tenant's database, with the button to rotate them.</summary>
public sealed partial class CredentialCard(
    PageFeed feed, CredentialService credentials, PageDialogs dialogs, PageNotices notices) : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<CredentialView>? _roles;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Tenants, Tenant.Id, ReadAsync);

    private Task ReadAsync() => ReadAsync(
        _reading, Tenant.Id, (id, until) => credentials.ListAsync(Actor, id, until), roles => _roles = roles);

    private Task<bool> RotateAsync()
    {
        var (id, name) = (Tenant.Id, Tenant.DisplayName);
        var question = new ConfirmRequest(T["RotateTitle", name], T["RotateEffect"], T["Rotate"])
        {
            Subject = name, AsksText = true, TextRequired = true, Draft = DraftName.Of(Actor, "rotate", id),
        };
        return dialogs.ConfirmAsync(question, async answer =>
        {
            await credentials.RotateAsync(Actor, id, answer.ReasonText, CancellationToken.None);
            notices.Say(T["RotateStarted", name]);
        });
    }
}
