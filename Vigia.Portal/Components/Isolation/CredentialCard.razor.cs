using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Credentials;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Isolation;

/// <summary>The credentials of a tenant's database, with the button to rotate them.</summary>
public sealed partial class CredentialCard(
    PageFeed feed, CredentialService credentials, TenantContents contents, PageDialogs dialogs, PageNotices notices)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private IReadOnlyList<CredentialView>? _roles;
    private DateTimeOffset? _countedAt;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private bool IsReady => Tenant.Row.State == TenantState.Ready;

    protected override Task OnInitializedAsync() => FollowAsync(ChangeTopic.Tenants, Tenant.Id, ReadAsync);

    private Task ReadAsync() => ReadAsync(
        _reading, Tenant.Id, ReadAsync, answer => (_roles, _countedAt) = answer);

    private async Task<(IReadOnlyList<CredentialView> Roles, DateTimeOffset? At)> ReadAsync(
        int id, CancellationToken until) =>
        (await credentials.ListAsync(Actor, id, until), (await contents.ReadAsync(Actor, id, until))?.CountedAt);

    private async Task<bool> CountAsync()
    {
        var isCounted = true;
        await ReadAsync(
            _reading, Tenant.Id,
            async (id, until) => (
                IsCounted: await contents.CountAsync(Actor, id, until) is not null,
                Answer: await ReadAsync(id, until)),
            answer => ((_roles, _countedAt), isCounted) = (answer.Answer, answer.IsCounted));
        return isCounted;
    }

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
