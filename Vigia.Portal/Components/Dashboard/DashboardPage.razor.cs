using System.Globalization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Dashboard;

/// <summary>
/// An overview of all tenants: by status and plan, and the operations. Every number links to the list that it counts.
/// </summary>
public sealed partial class DashboardPage(
    PageFeed feed, StaffSession session, RegistryFigures figures, PlanCatalog plans, TimeProvider time)
    : LiveComponent(feed)
{
    private readonly LatestRead _counting = new();
    private IReadOnlyList<Plan> _plans = [];
    private RegistryFigure? _figures;
    private Actor? _actor;
    private int _behind;

    private int Wrong => _figures!.ByStatus.GetValueOrDefault(TenantStatus.Failed)
        + _figures.ByStatus.GetValueOrDefault(TenantStatus.DatabaseMissing)
        + _figures.ByStatus.GetValueOrDefault(TenantStatus.Unreachable) + _figures.Unmarked;

    private string AttentionAddress =>
        new[] { TenantStatus.DatabaseMissing, TenantStatus.Unreachable, TenantStatus.Failed }
            .Where(_figures!.ByStatus.ContainsKey).Select(PortalUrls.TenantsWithStatus).FirstOrDefault()
        ?? (_figures!.Unmarked > 0 ? PortalUrls.TenantsNotManaged
            : _behind > 0 ? PortalUrls.DatabasesBehind : PortalUrls.TenantsWithStatus(TenantStatus.Failed));

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        _plans = await plans.ListAsync(_actor, Ending);
        await FollowSharedAsync(CountAsync, ChangeTopic.Tenants);
    }

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    // A bar is the share of the whole, so that it is full only where there is nothing else.
    private static string Width(int count, IEnumerable<int> all) =>
        (100.0 * count / Math.Max(1, all.Sum())).ToString("0.#", CultureInfo.InvariantCulture);

    private string PlanName(string code) =>
        code.Length == 0 ? T["NoPlan"] : _plans.FirstOrDefault(plan => plan.Code == code)?.Name ?? code;

    private Task CountAsync() => ReadAsync(
        _counting,
        until => Feed.SharedAsync(
            _actor!, new SharedQuestion("registry:figures", null, ChangeTopic.Tenants),
            reading => figures.CountAsync(_actor!, reading), until),
        counted => _figures = counted);
}
