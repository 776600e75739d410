using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The state of the last invitation of a tenant's administrator, and of the mail that brought it.</summary>
public sealed partial class LastInvitation(PageFeed feed, Outbox outbox, TimeProvider time)
    : LiveComponent(feed)
{
    private readonly LatestRead _reading = new();
    private OutboxMessage? _mail;

    [Parameter, EditorRequired]
    public TenantInvitation? Invitation { get; set; }

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    // A new invitation is in the trail. A mail that was sent, or was not, names the tenant.
    protected override Task OnInitializedAsync() => FollowAsync(
        new ChangeInterest(ChangeTopic.Tenants, ChangeTopic.Audit)
        {
            Urgency = change => change.Id == $"{Tenant.Id}" ? ChangeUrgency.Now : ChangeUrgency.Never,
        },
        _ => ReadAsync(
            _reading, Tenant.Id, (id, until) => outbox.LastAsync(Actor, id, Outbox.TenantInvitation, until),
            sent => _mail = sent));
}
