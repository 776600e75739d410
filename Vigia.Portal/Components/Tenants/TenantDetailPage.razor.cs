using Microsoft.AspNetCore.Components;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Tenants;

/// <summary>
/// The page of one tenant: its state, the main problem if there is one, the running operation, and its sections.
/// </summary>
public sealed partial class TenantDetailPage(
    PageFeed feed, StaffSession session, TenantSearch search, TenantInactivity inactivity, TenantListOrigin origin)
    : LiveComponent(feed), IWholePage
{
    private TenantView? _tenant;
    private TenantLookup? _gone;
    private string? _madeInactiveBy;
    private readonly LatestRead _reading = new();
    private Actor? _actor;

    /// <summary>
    /// Never changes: the address of another tenant creates a new page (<see cref="TenantByAddress"/>).
    /// </summary>
    [Parameter]
    public int Id { get; set; }

    [SupplyParameterFromQuery(Name = "seccion")]
    public string? Section { get; set; }

    private string Name =>
        string.IsNullOrWhiteSpace(_tenant!.Row.LegalName) ? _tenant.Row.Subdomain ?? $"#{Id}" : _tenant.Row.LegalName;

    private bool MayDelete => _actor!.May(TenantAction.Withdraw.Right) || _actor.May(TenantAction.Delete.Right);

    private IEnumerable<(string? Section, string Key)> Sections
    {
        get
        {
            yield return (null, "TabSummary");
            yield return ("base", "TabDatabase");
            yield return ("operaciones", "TabOperations");
            if (_actor!.May(Rights.AuditView))
            {
                yield return ("auditoria", "TabAudit");
            }

            yield return ("configuracion", "TabConfig");
            if (MayDelete)
            {
                yield return ("peligro", "TabDanger");
            }
        }
    }

    // While a database is being made, moved or deleted, its absence is no problem.
    private bool HasDatabase => _tenant!.Row.State is TenantState.Ready or TenantState.Unmanaged;

    private bool IsMissing => _tenant!.Condition == DatabaseCondition.Missing && HasDatabase
        && _tenant.Status != TenantStatus.Failed;

    private string? Remedy => HasDatabase ? _tenant!.Database?.Remedy : null;

    /// <summary>The most important problem of the tenant. Null when there is none.</summary>
    private (string Tone, string Text)? Wrong => _tenant!.Status switch
    {
        TenantStatus.Failed => ("tone-bad", T["WrongFailed"]),
        _ when _tenant.Condition == DatabaseCondition.Unreachable && HasDatabase =>
            ("tone-bad", T[$"Unreachable_{_tenant.Database!.Refusal}"]),
        _ when _tenant.Isolation == IsolationVerdict.Broken => ("tone-bad", T["WrongIsolation"]),
        TenantStatus.Registered => ("tone-info", T["WrongRegistered"]),
        TenantStatus.Deleting => ("tone-warning", T["WrongDeleting"]),
        _ when TenantWords.Inactivity(_tenant.Row, _madeInactiveBy, T) is { } why => ("tone-warning", why),
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        await FollowAsync(ChangeTopic.Tenants, Id, ReadAsync);
    }

    private string SectionAddress(string? section) =>
        section is null ? PortalUrls.Tenant(Id) : $"{PortalUrls.Tenant(Id)}?seccion={section}";

    private Task ReadAsync() => ReadAsync(
        _reading, Id, (id, until) => FindAsync(_actor!, id, until),
        found => (_tenant, _gone, _madeInactiveBy) =
            (found.Tenant.View, found.Tenant.View is null ? found.Tenant : null, found.By));

    private async Task<(TenantLookup Tenant, string? By)> FindAsync(
        Actor actor, int id, CancellationToken cancellationToken)
    {
        try
        {
            var found = await search.GetAsync(actor, id, cancellationToken);
            return (found, found.View?.Row.InactiveKind is null ? null
                : await inactivity.FindPersonAsync(actor, id, cancellationToken));
        }
        catch (NotFoundException)
        {
            return (new TenantLookup(null, null), null);
        }
    }
}
