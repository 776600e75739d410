using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Staff;
using Vigia.Core.Tenancy;
using Vigia.Core.Tenants;

namespace Vigia.Core.DemoData;

/// <summary>Demonstration data of a client: whether there is any, and asking for it to come or go.</summary>
public sealed class DemoDataService(IDbContextFactory<MasterContext> contexts, TenantConnections connections, OperationQueue queue, AuditTrail audit)
{
    /// <summary>How many demonstration rows a client's database has, without those that hang on them.</summary>
    /// <returns>Null when it can't be looked at now, or is of a schema that has none.</returns>
    public async Task<long?> CountAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        var tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(t => t.Id == tenantId && t.State == TenantState.Ready, cancellationToken);
        if (tenant is null || !await db.Credentials.AnyAsync(c => c.TenantId == tenantId && c.IsCurrent, cancellationToken))
        {
            return null;
        }

        try
        {
            await using var session = await connections.OpenAsync(tenantId, tenant.DatabaseName!, cancellationToken);
            return await DemoDataRows.CountAsync(session, cancellationToken);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    /// <summary>Fills a demo client's database with 200 fictitious cases and what hangs on them; nothing happens when it has them.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>, <c>not_demo</c>, <c>operation_running</c>.</exception>
    public Task<Guid> FillAsync(Actor actor, int tenantId, CancellationToken cancellationToken) => StartAsync(actor, tenantId, fills: true, cancellationToken);

    /// <summary>Removes the demonstration data, of a client that has become a production client too.</summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>, <c>operation_running</c>.</exception>
    public Task<Guid> RemoveAsync(Actor actor, int tenantId, CancellationToken cancellationToken) => StartAsync(actor, tenantId, fills: false, cancellationToken);

    internal static void Demand(Tenant tenant, bool fills)
    {
        if (tenant.State != TenantState.Ready)
        {
            throw new RuleException("not_ready");
        }

        if (fills && tenant.Environment != TenantEnvironments.Demo)
        {
            throw new RuleException("not_demo");
        }
    }

    private async Task<Guid> StartAsync(Actor actor, int tenantId, bool fills, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsDemoData);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        Demand(tenant, fills);
        var operation = queue.Enqueue(db, actor, DemoDataOperation.KindOf(fills), tenant);
        try
        {
            await audit.CommitAsync(db, actor, new AuditEntry(fills ? "tenant.demo_data_requested" : "tenant.demo_data_removal_requested")
            {
                TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain, OperationId = operation.Id,
            }, cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("operation_running");
        }

        return operation.Id;
    }
}

public static class DemoDataServices
{
    /// <summary>Demonstration data.</summary>
    public static IServiceCollection AddDemoData(this IServiceCollection services)
    {
        services.AddScoped<DemoDataService>();
        foreach (var fills in new[] { true, false })
        {
            services.AddSingleton<OperationDefinition>(provider => ActivatorUtilities.CreateInstance<DemoDataOperation>(provider, fills));
        }

        return services;
    }
}
