using Microsoft.AspNetCore.Components;
using MudBlazor;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The operation that runs on a tenant, waits for a person, explains the tenant's state, or has just ended. The section
/// about operations shows the others.
/// </summary>
public sealed partial class TenantWork(
    PageFeed feed, OperationService operations, TenantInvitations invitations, PageDialogs dialogs, TimeProvider time)
    : LiveComponent(feed)
{
    /// <summary>How long a finished operation stays visible to a person who comes back to the page.</summary>
    private static readonly TimeSpan StaysFor = TimeSpan.FromMinutes(2);
    private readonly LatestRead _reading = new();
    private IReadOnlyList<Operation> _operations = [];
    private bool _isInvited;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private Guid? Shown
    {
        get
        {
            var newest = _operations.Where(o => !IsQuiet(o)).ToList();
            var working = newest.Find(o => OperationStates.Unfinished.Contains(o.State));
            var failed = Tenant.Row.State is TenantState.Failed or TenantState.Deleting or TenantState.Unmanaged
                ? newest.Find(o => o.State == OperationState.Failed) : null;
            var justDone = newest.Find(o => o.FinishedAt > time.GetUtcNow() - StaysFor);
            return (working ?? failed ?? justDone)?.Id;
        }
    }

    // Minor maintenance after an edit. The page shows its important results elsewhere.
    private static bool IsQuiet(Operation operation) =>
        TenantEditing.FollowUpKinds.Contains(operation.Kind) && operation.State != OperationState.Failed;

    // An invitation names the tenant in the trail only.
    protected override Task OnInitializedAsync() => FollowAsync(
        new ChangeInterest(ChangeTopic.TenantWork, ChangeTopic.Audit)
        {
            Urgency = change => change.Id == $"{Tenant.Id}" ? ChangeUrgency.Now : ChangeUrgency.Never,
        },
        _ => ReadAsync());

    private bool NextIsInvitation(Operation done) => done.Kind == TenantAction.Provision.OperationKind && !_isInvited
        && TenantAction.Invite.IsOffered(Actor, Tenant.Standing) && Actor.May(Rights.TenantsInvitationReveal);

    private async Task InviteAsync()
    {
        await dialogs.AskAsync<InvitationDialog, object>(new DialogParameters<InvitationDialog>
        {
            { dialog => dialog.Tenant, Tenant }, { dialog => dialog.Actor, Actor },
        });
        await ReadAsync();
    }

    private Task ReadAsync() => ReadAsync(
        _reading, Tenant.Id,
        async (id, until) => (
            Page: await operations.ListAsync(Actor, new OperationQuery { TenantId = id, PageSize = 5 }, until),
            Invitation: await invitations.LastAsync(Actor, id, until)),
        found => (_operations, _isInvited) = (found.Page.Items, found.Invitation is not null));
}
