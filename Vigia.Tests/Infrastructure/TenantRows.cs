using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Audit;
using Vigia.Core.Master;
using Vigia.Core.Provisioning;
using Vigia.Core.Tenants;

namespace Vigia.Tests.Infrastructure;

/// <summary>Puts clients into the registry for tests that are not about registering.</summary>
public static class TenantRows
{
    private static int _counter;

    /// <summary>A registered client without a database.</summary>
    public static async Task<Tenant> AddTenantAsync(this CoreHost host, string subdomain, string environment = TenantEnvironments.Production)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var db = await host.OpenMasterAsync();
        var tenant = new Tenant
        {
            Ruc = Rucs.Next(Interlocked.Increment(ref _counter)),
            LegalName = $"Laboratorio {subdomain} S.A.C.",
            Subdomain = subdomain,
            AccessEmail = $"admin@{subdomain}.pe",
            Plan = "basico",
            Environment = environment,
            Config = "{}",
            DatabaseName = $"vigia_{subdomain}",
            State = TenantState.Registered,
            LimitsRevision = 1,
            MaxUsers = 5,
            CreatedAt = DateTimeOffset.UtcNow,
            UpdatedAt = DateTimeOffset.UtcNow,
        };
        db.Tenants.Add(tenant);
        await host.Get<AuditTrail>().CommitAsync(db, host.Admin, new AuditEntry("tenant.created") { Subdomain = subdomain }, cancellationToken);
        return tenant;
    }

    /// <summary>Active clients that somebody else made, as a registry that was taken over has them: cheap, and they can be suspended.</summary>
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
            SELECT '20' || lpad((coalesce((SELECT max(id) FROM clientes_saas), 0) + i)::text, 9, '0'), 'Masivo ' || lpad(i::text, 3, '0') || ' S.A.C.', {stem} || '-' || i, 'a@masivo.pe', 'produccion', true
            FROM generate_series(1, {count}) AS i
            RETURNING id AS "Value"
            """).ToArrayAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A client whose database is ready.</summary>
    public static async Task<Tenant> ProvisionedTenantAsync(this CoreHost host, string subdomain, string environment = TenantEnvironments.Production)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var tenant = await host.AddTenantAsync(subdomain, environment);
        await using var scope = host.Services.CreateAsyncScope();
        var operation = await host.EndOfAsync(await scope.ServiceProvider.GetRequiredService<TenantProvisioning>().ProvisionAsync(host.Admin, tenant.Id, cancellationToken));
        Assert.True(operation.State == Vigia.Core.Operations.OperationState.Succeeded, $"{operation.State}: {operation.Error}");
        await using var db = await host.OpenMasterAsync();
        return await db.Tenants.AsNoTracking().SingleAsync(t => t.Id == tenant.Id, cancellationToken);
    }
}
