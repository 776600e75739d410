using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Vigia.Core.Audit;
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
