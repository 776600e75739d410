using System.Globalization;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Registry.Plans;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Access;
using Vigia.Portal.Components.Shared;

namespace Vigia.Portal.Components.Dashboard;

/// <summary>
/// An overview of all tenants: by status and plan, running and failed operations. Every number links to the list that
/// it counts.
/// </summary>
public sealed partial class DashboardPage(
    ChangeFeed feed, StaffSession session, RegistryFigures figures, OperationService operations, PlanCatalog plans,
    TimeProvider time) : LiveComponent(feed)
{
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);
    private readonly LatestRead _counting = new();
    private readonly LatestRead _readingOperations = new();
    private IReadOnlyList<Plan> _plans = [];
    private IReadOnlyList<Operation> _running = [];
    private IReadOnlyList<Operation> _failed = [];
    private RegistryFigure? _figures;
    private Actor? _actor;
    private bool _hand;

    private int Attention => _figures!.ByStatus.GetValueOrDefault(TenantStatus.Failed)
        + _figures.ByStatus.GetValueOrDefault(TenantStatus.DatabaseMissing) + _figures.Unmarked;

    private TenantStatus AttentionStatus =>
        _figures!.ByStatus.ContainsKey(TenantStatus.DatabaseMissing) ? TenantStatus.DatabaseMissing
        : _figures.ByStatus.ContainsKey(TenantStatus.Failed) || _figures.Unmarked == 0 ? TenantStatus.Failed
            : TenantStatus.Unmanaged;

    protected override async Task OnInitializedAsync()
    {
        _actor = await session.ActorAsync();
        Watch(ChangeTopic.Tenants, _ => CountAsync());
        Watch(ChangeTopic.Operations, _ => ReadOperationsAsync());
        _plans = await plans.ListAsync(_actor, Ending);
        await ReadOperationsAsync();
        await CountAsync();
    }

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    private static string Width(int count, IEnumerable<int> all) =>
        (100.0 * count / all.Max()).ToString("0.#", CultureInfo.InvariantCulture);

    private string PlanName(string code) =>
        code.Length == 0 ? T["NoPlan"] : _plans.FirstOrDefault(plan => plan.Code == code)?.Name ?? code;

    private Task CountAsync() =>
        ReadAsync(_counting, until => figures.CountAsync(_actor!, until), counted => _figures = counted);

    private Task HandAsync(bool isIn)
    {
        _hand = isIn;
        return isIn ? Task.CompletedTask : ReadOperationsAsync();
    }

    private Task ReadOperationsAsync() => ReadAsync(
        _readingOperations, until => _hand ? FindShownAsync(until) : ListAsync(until),
        found => (_running, _failed) = found);

    // Rows keep their place while the pointer or the focus is in the list. Their content stays up to date.
    private async Task<(IReadOnlyList<Operation> Running, IReadOnlyList<Operation> Failed)> FindShownAsync(
        CancellationToken cancellationToken)
    {
        var (running, failed) = (_running, _failed);
        var now = await operations.FindAsync(_actor!, [.. running.Concat(failed).Select(o => o.Id)], cancellationToken);
        return ([.. running.Select(o => now.GetValueOrDefault(o.Id, o))],
            [.. failed.Select(o => now.GetValueOrDefault(o.Id, o))]);
    }

    private async Task<(IReadOnlyList<Operation> Running, IReadOnlyList<Operation> Failed)> ListAsync(
        CancellationToken cancellationToken)
    {
        var running = await operations.ListAsync(
            _actor!, new OperationQuery { States = OperationStates.Unfinished, PageSize = 10 }, cancellationToken);
        var failed = await operations.ListAsync(
            _actor!, new OperationQuery { States = [OperationState.Failed], PageSize = 5 }, cancellationToken);
        var since = time.GetUtcNow() - Lately;
        return (running.Items, [.. failed.Items.Where(o => o.FinishedAt > since)]);
    }
}
