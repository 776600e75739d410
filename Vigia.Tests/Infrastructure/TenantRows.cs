using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Tests.Infrastructure;

/// <summary>Adds tenants to the registry, for tests that are not about registering.</summary>
public static class TenantRows
{
    private static int _counter;

    /// <summary>Adds a registered tenant without a database.</summary>
    public static async Task<Tenant> AddTenantAsync(
        this CoreHost host, string subdomain, string environment = TenantEnvironments.Production)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var db = await host.OpenMasterAsync();
        var ruc = new Ruc(Rucs.Next(Interlocked.Increment(ref _counter)));
        var tenant = Tenant.Register(ruc, new Subdomain(subdomain), DateTimeOffset.UtcNow);
        tenant.Rename($"Laboratorio {subdomain} S.A.C.");
        tenant.MoveAccessTo($"admin@{subdomain}.pe");
        tenant.ChangePlan("basico");
        tenant.ChooseEnvironment(environment);
        tenant.Configure("{}");
        tenant.LimitUsers(5);
        db.Set<Tenant>().Add(tenant);
        await host.Get<AuditTrail>()
            .CommitAsync(db, host.Admin, new AuditEntry("tenant.created") { Subdomain = subdomain }, cancellationToken);
        return tenant;
    }

    /// <summary>
    /// Adds active tenants that the portal did not create, as in a registry that was taken over. They are cheap, and
    /// they can be suspended.
    /// </summary>
    /// <returns>Their ids, ascending.</returns>
    public static async Task<int[]> AddActiveAsync(this CoreHost host, int count)
    {
        await using var db = await host.OpenMasterAsync();
        return await AddActiveAsync(db, count);
    }

    /// <inheritdoc cref="AddActiveAsync(CoreHost, int)"/>
    public static async Task<int[]> AddActiveAsync(MasterContext db, int count)
    {
        var stem = Guid.NewGuid().ToString("n")[..8];
        return await db.Database.SqlQuery<int>(
            $"""
            INSERT INTO clientes_saas (ruc, razon_social, subdominio, correo_acceso, entorno, is_active)
            SELECT '20' || lpad((coalesce((SELECT max(id) FROM clientes_saas), 0) + i)::text, 9, '0'),
                   'Masivo ' || lpad(i::text, 3, '0') || ' S.A.C.', {stem} || '-' || i, 'a@masivo.pe', 'produccion',
                   true
            FROM generate_series(1, {count}) AS i
            RETURNING id AS "Value"
            """).ToArrayAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Adds a tenant whose database is ready.</summary>
    public static async Task<Tenant> ProvisionedTenantAsync(
        this CoreHost host, string subdomain, string environment = TenantEnvironments.Production)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var tenant = await host.AddTenantAsync(subdomain, environment);
        await using var scope = host.Services.CreateAsyncScope();
        var operation = await host.EndOfAsync(
            await scope.ServiceProvider.GetRequiredService<TenantProvisioning>()
            .ProvisionAsync(host.Admin, tenant.Id, cancellationToken));
        Assert.True(operation.State == OperationState.Succeeded, $"{operation.State}: {operation.Error}");
        await using var db = await host.OpenMasterAsync();
        return await db.Set<Tenant>().AsNoTracking().SingleAsync(t => t.Id == tenant.Id, cancellationToken);
    }
}
