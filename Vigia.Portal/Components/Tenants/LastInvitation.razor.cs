using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Mail;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>The state of the last invitation of a tenant's administrator, and of the mail that brought it.</summary>
public sealed partial class LastInvitation(Outbox outbox, TimeProvider time)
{
    private readonly LatestRead _reading = new();
    private OutboxMessage? _mail;
    private (int Id, uint Version) _shown;

    [Parameter, EditorRequired]
    public TenantInvitation? Invitation { get; set; }

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (Tenant.Id, Tenant.Row.Version))
        {
            return;
        }

        _shown = (Tenant.Id, Tenant.Row.Version);
        await ReadAsync(
            _reading, Tenant.Id, (id, until) => outbox.LastAsync(Actor, id, Outbox.TenantInvitation, until),
            sent => _mail = sent);
    }
}
