using System.Globalization;
using Microsoft.AspNetCore.Components;
using Vigia.Core.Feed;
using Vigia.Core.Operations;
using Vigia.Core.Plans;
using Vigia.Core.Staff;
using Vigia.Core.Tenants;
using Vigia.Portal.Components.Account;

namespace Vigia.Portal.Components.Dashboard;

/// <summary>All clients at a glance: by state and plan, what runs, what failed. Everything leads to the list it counts.</summary>
public sealed partial class DashboardPage
{
    private static readonly OperationState[] Unfinished = [OperationState.Running, OperationState.Cancelling, OperationState.Queued, OperationState.Waiting];
    private static readonly TimeSpan Lately = TimeSpan.FromDays(7);
    private IReadOnlyList<Plan> _plans = [];
    private IReadOnlyList<Operation> _running = [];
    private IReadOnlyList<Operation> _failed = [];
    private RegistryFigure? _figures;
    private Actor? _actor;
    private bool _hand;

    [Inject]
    private StaffSession Session { get; set; } = default!;

    [Inject]
    private RegistryFigures Figures { get; set; } = default!;

    [Inject]
    private OperationService Operations { get; set; } = default!;

    [Inject]
    private PlanCatalog Plans { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private int Attention => _figures!.ByStatus.GetValueOrDefault(TenantStatus.Failed) + _figures.ByStatus.GetValueOrDefault(TenantStatus.DatabaseMissing);

    protected override async Task OnInitializedAsync()
    {
        _actor = await Session.ActorAsync();
        Watch(ChangeTopic.Tenants, _ => CountAsync());
        Watch(ChangeTopic.Operations, _ => ReadOperationsAsync());
        _plans = await Plans.ListAsync(_actor, Ending);
        await ReadOperationsAsync();
        await CountAsync();
    }

    private static string Number(int count) => count.ToString("N0", CultureInfo.CurrentCulture);

    private static string Width(int count, IEnumerable<int> all) => (100.0 * count / all.Max()).ToString("0.#", CultureInfo.InvariantCulture);

    private string PlanName(string code) => code.Length == 0 ? T["NoPlan"] : _plans.FirstOrDefault(plan => plan.Code == code)?.Name ?? code;

    private async Task CountAsync() => _figures = await Figures.CountAsync(_actor!, Ending);

    private Task HandAsync(bool isIn)
    {
        _hand = isIn;
        return isIn ? Task.CompletedTask : ReadOperationsAsync();
    }

    private async Task ReadOperationsAsync()
    {
        if (_hand)
        {
            // Rows keep their place under a hand; what they say is still true.
            var now = await Operations.FindAsync(_actor!, [.. _running.Concat(_failed).Select(o => o.Id)], Ending);
            _running = [.. _running.Select(o => now.GetValueOrDefault(o.Id, o))];
            _failed = [.. _failed.Select(o => now.GetValueOrDefault(o.Id, o))];
            return;
        }

        _running = (await Operations.ListAsync(_actor!, new OperationQuery { States = Unfinished, PageSize = 10 }, Ending)).Items;
        var since = Time.GetUtcNow() - Lately;
        _failed = [.. (await Operations.ListAsync(_actor!, new OperationQuery { States = [OperationState.Failed], PageSize = 5 }, Ending)).Items.Where(o => o.FinishedAt > since)];
    }
}
