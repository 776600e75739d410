using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.DemoData;

/// <summary>Counts the demonstration data of a tenant and requests its creation or removal.</summary>
public sealed class DemoDataService(
    IDbContextFactory<MasterContext> contexts, TenantConnections connections, TenantRequests requests)
{
    /// <summary>Counts the demonstration rows in a tenant's database, without rows that depend on them.</summary>
    /// <returns>Null when the database can't be read now, or its schema has no demonstration data.</returns>
    public async Task<long?> CountAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenant = await db.Set<Tenant>().AsNoTracking()
            .SingleOrDefaultAsync(t => t.Id == tenantId && t.State == TenantState.Ready, cancellationToken);
        if (tenant is null || !await db.Set<TenantCredential>()
            .AnyAsync(c => c.TenantId == tenantId && c.IsCurrent, cancellationToken))
        {
            return null;
        }

        try
        {
            await using var session = await connections.OpenAsync(tenantId, tenant.DatabaseName!, cancellationToken);
            return await DemoDataRows.CountAsync(session, cancellationToken);
        }
        catch (DatabaseConflictException)
        {
            // The database with the tenant's name is not the one that the portal created. The page shows that by the
            // tenant's state.
            return null;
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

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
        if (fills && (tenant.Environment != TenantEnvironments.Demo
            || await ProductionDuty.AppliesAsync(db, tenant, cancellationToken)))
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
