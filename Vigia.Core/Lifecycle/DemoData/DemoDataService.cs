using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.DemoData;

/// <summary>Requests that a tenant's demonstration data is created or removed.</summary>
public sealed class DemoDataService(TenantRequests requests)
{
    /// <summary>
    /// Fills a demo tenant's database with 200 fictitious cases and related rows. Does nothing if it already has them.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>not_ready</c>, <c>not_demo</c>, <c>operation_running</c>.
    /// </exception>
    public Task<Guid> FillAsync(Actor actor, int tenantId, CancellationToken cancellationToken) =>
        StartAsync(actor, tenantId, fills: true, cancellationToken);

    /// <summary>Removes the demonstration data, also from a tenant that has become a production tenant.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>, <c>operation_running</c>.</exception>
    public Task<Guid> RemoveAsync(Actor actor, int tenantId, CancellationToken cancellationToken) =>
        StartAsync(actor, tenantId, fills: false, cancellationToken);

    internal static async Task DemandAsync(
        MasterContext db, Tenant tenant, bool fills, CancellationToken cancellationToken)
    {
        (fills ? TenantAction.FillDemoData : TenantAction.RemoveDemoData).Demand(TenantStanding.Of(tenant));
        if ((fills && (tenant.Environment != TenantEnvironments.Demo
            || await ProductionDuty.AppliesAsync(db, tenant, cancellationToken)))

            // Tables of others may have triggers, which would run with the portal's rights.
            || await Adoptions.FindAsync(db, tenant.Id, cancellationToken) is not null)
        {
            throw new RuleException("not_demo");
        }
    }

    private Task<Guid> StartAsync(Actor actor, int tenantId, bool fills, CancellationToken cancellationToken) =>
        requests.EnqueueAsync(
            actor, tenantId, fills ? TenantAction.FillDemoData : TenantAction.RemoveDemoData,
            new AuditEntry(fills ? "tenant.demo_data_requested" : "tenant.demo_data_removal_requested"), data: null,
            (db, tenant, token) => DemandAsync(db, tenant, fills, token), cancellationToken);
}

public static class DemoDataServices
{
    /// <summary>Registers the services for demonstration data.</summary>
    public static IServiceCollection AddDemoData(this IServiceCollection services)
    {
        services.AddScoped<DemoDataService>();
        foreach (var fills in new[] { true, false })
        {
            services.AddSingleton<OperationDefinition>(
                provider => ActivatorUtilities.CreateInstance<DemoDataOperation>(provider, fills));
        }

        return services;
    }
}
