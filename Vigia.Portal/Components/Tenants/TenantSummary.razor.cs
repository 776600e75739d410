using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The main facts about a tenant. Editing happens in place, and changes by other people do not affect the open form.
/// </summary>
public sealed partial class TenantSummary(
    PageFeed feed, PlanCatalog plans, TenantContents contents, TenantInvitations invitations, Drafts drafts)
    : LiveComponent(feed)
{
    private readonly LatestRead _readingInvitation = new();
    private readonly LatestRead _readingContent = new();
    private IReadOnlyList<Plan> _plans = [];
    private TenantContent? _content;
    private TenantInvitation? _invitation;
    private TenantEditForm? _form;
    private DateTimeOffset? _restoredAt;
    private (int Id, DateTimeOffset? ContentAt)? _shown;

    [Parameter, EditorRequired]
    public TenantView Tenant { get; set; } = default!;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private Tenant Row => Tenant.Row;

    private bool MayEdit => TenantAction.Edit.IsOffered(Actor, Tenant.Standing);

    private bool HasLimits => Row is not { MaxUsers: null, MaxEstablishments: null }
        || Row is { LimitIssuance: true, MaxDocuments: not null };

    // The limits that are not those of the tenant's plan: the plan's value first. A plan without limits is for tenants
    // with limits of their own.
    private IReadOnlyList<LimitChange> OwnLimits => _plans.FirstOrDefault(plan => plan.Code == Row.Plan) is
    { } plan && plan is not { MaxUsers: null, MaxEstablishments: null, LimitIssuance: false }
        ? TenantDetails.Of(Row).WithLimitsOf(plan).LimitChanges(TenantDetails.Of(Row)) : [];

    private string OwnLimit(LimitChange limit) => T["LimitBesidePlan", Message.FieldNames([limit.Field]),
        TenantWords.Limit(limit.After, T), TenantWords.Limit(limit.Before, T)];

    private string? PlanName => _plans.FirstOrDefault(plan => plan.Code == Row.Plan)?.Name ?? Row.Plan;

    protected override async Task OnInitializedAsync()
    {
        _plans = await FetchAsync(until => plans.ListAsync(Actor, until));
        if (MayEdit)
        {
            await RestoreAsync();
        }

        // An invitation changes nothing in the tenant's row. The trail names the tenant.
        await FollowAsync(ChangeTopic.Audit, Tenant.Id, ReadInvitationAsync);
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_shown == (Tenant.Id, Tenant.ContentAt))
        {
            return;
        }

        _shown = (Tenant.Id, Tenant.ContentAt);
        await ReadAsync(_readingContent, Tenant.Id, (id, until) => contents.ReadAsync(Actor, id, until),
            content => _content = content);
    }

    private Task ReadInvitationAsync() => ReadAsync(
        _readingInvitation, Tenant.Id, (id, until) => invitations.LastAsync(Actor, id, until),
        invitation => _invitation = invitation);

    private async Task<bool> CountAsync()
    {
        var isCounted = true;
        await ReadAsync(
            _readingContent, Tenant.Id, (id, until) => contents.CountAsync(Actor, id, until),
            content => (_content, isCounted) = (content ?? _content, content is not null));
        return isCounted;
    }

    // The configuration has a form of its own.
    private void Edit() =>
        (_form, _restoredAt) = (new TenantEditForm(TenantDetails.Of(Row) with { Config = null }), null);

    private async Task RestoreAsync()
    {
        var name = TenantEditor.DraftOf(Actor, Tenant.Id);
        if (await TenantDraft.ReadAsync(drafts, name, Tenant.Id, Ending) is not { } draft)
        {
            return;
        }

        var form = new TenantEditForm(draft.Seen);
        form.Restore(draft.Typed, _plans);
        if (form.IsLike(TenantDetails.Of(Row)))
        {
            // The text was saved, but the connection broke before the browser could remove the draft.
            drafts.Forget(name);
        }
        else
        {
            (_form, _restoredAt) = (form, draft.At);
        }
    }

    private Task CloseAsync()
    {
        _form = null;
        return Task.CompletedTask;
    }
}
