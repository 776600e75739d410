using Microsoft.AspNetCore.Components;
using Vigia.Core.Mail;
using Vigia.Core.Plans;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>What one knows of a client at a glance; editing happens in its place, and what changes meanwhile does not touch the form.</summary>
public sealed partial class TenantSummary
{
    private IReadOnlyList<Plan> _plans = [];
    private TenantContent? _content;
    private TenantInvitation? _invitation;
    private OutboxMessage? _mail;
    private TenantEditForm? _form;
    private (int Id, uint Version) _read;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Inject]
    private Outbox Mail { get; set; } = default!;

    [Inject]
    private TenantServicesOfPage Tenants { get; set; } = default!;

    [Inject]
    private TenantContents Contents { get; set; } = default!;

    [Inject]
    private TenantInvitations Invitations { get; set; } = default!;

    [Inject]
    private PageServices Page { get; set; } = default!;

    private Tenant Row => Tenant.Row;

    private bool MayEdit => Actor.May(Rights.TenantsUpdate) && Row.State != TenantState.Deleting;

    private string? PlanName => _plans.FirstOrDefault(plan => plan.Code == Row.Plan)?.Name ?? Row.Plan;

    protected override async Task OnInitializedAsync() => _plans = await Tenants.Plans.ListAsync(Actor, Ending);

    protected override async Task OnParametersSetAsync()
    {
        if (_read == (Tenant.Id, Row.Version))
        {
            return;
        }

        _read = (Tenant.Id, Row.Version);
        try
        {
            _invitation = await Invitations.LastAsync(Actor, Tenant.Id, Ending);
            _mail = await Mail.LastAsync(Actor, Tenant.Id, Outbox.TenantInvitation, Ending);
            _content = await Contents.ReadAsync(Actor, Tenant.Id, Ending);
        }
        catch (OperationCanceledException) when (Ending.IsCancellationRequested)
        {
            // The section was left before its numbers came.
            return;
        }
    }

    private void Edit() => _form = new TenantEditForm(TenantDetails.Of(Row));

    private Task CloseAsync()
    {
        _form = null;
        return Task.CompletedTask;
    }
}
