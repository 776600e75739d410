using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Adoption;

/// <summary>The first tenants of the product's that are not adopted, and how many there are.</summary>
public sealed record FleetPage(IReadOnlyList<FleetMember> Items, int Total, int PageSize)
    : ListPage<FleetMember>(Items, Total, 1, PageSize);

/// <summary>The adoption of all of them, before it is requested.</summary>
/// <param name="Tenants">The tenants that a person signs for.</param>
/// <param name="Cost">About what it costs.</param>
public sealed record FleetPlan(IReadOnlyList<FleetMember> Tenants, WorkCost Cost);

/// <summary>Lists the tenants of the product's that are not adopted, and estimates their adoption.</summary>
public sealed class FleetList(
    IDbContextFactory<MasterContext> contexts, IOptions<SchemaOptions> schema, IOptions<AdoptionOptions> adoption)
{
    /// <summary>The number of tenants that a page shows.</summary>
    public const int PageSize = 100;

    /// <summary>Whether this installation adopts databases.</summary>
    public bool IsEnabled => adoption.Value.Enabled;

    /// <summary>Reads the first tenants by name, and counts them up to the limit of a total.</summary>
    public async Task<FleetPage> ReadFirstAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Adopt.Right);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var first = await FleetAdoption.ReadAsync(db, null, PageSize, cancellationToken);
        var total = first.Count < PageSize ? new ListTotal(first.Count, true)
            : await ListTotal.CountAsync(FleetAdoption.Unmanaged(db).Select(t => t.Id), cancellationToken);
        return new FleetPage(first, total.Count, PageSize) { TotalIsExact = total.IsExact };
    }

    /// <summary>Lists all tenants that <see cref="FleetAdoption.StartAsync"/> would adopt, with the cost.</summary>
    /// <exception cref="RuleException"><c>adoption_off</c>.</exception>
    public async Task<FleetPlan> PlanAsync(Actor actor, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsAdoptMany);
        adoption.Value.Demand();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenants = await FleetAdoption.ReadAsync(db, null, cancellationToken);
        return new FleetPlan(tenants, new WorkCost(tenants.Count * await WorkEstimates.TimePerTenantAsync(
            db, AdoptTenants.KindName, AdoptTenants.UsualAdoption / schema.Value.AtOnce, cancellationToken)));
    }
}
