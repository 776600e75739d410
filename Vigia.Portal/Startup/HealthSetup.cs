using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Registry.Feed;
using Vigia.Core.Tenancy;

namespace Vigia.Portal.Startup;

/// <summary>
/// <c>/health/live</c>: the process responds. <c>/health/ready</c>: the master database responds and takes changes.
/// An instance that serves tenants has also read who they are. The health of tenants is data of the portal and has no
/// effect here.
/// </summary>
internal static class HealthSetup
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    internal static void AddVigiaHealth(this WebApplicationBuilder builder, InstanceRoles roles)
    {
        var checks = builder.Services.AddHealthChecks().AddCheck<MasterHealthCheck>("master", timeout: Longest);
        if (roles.HasFlag(InstanceRoles.Tenant))
        {
            checks.AddCheck<TenantsHealthCheck>("tenants", timeout: Longest);
        }
    }

    internal static void MapVigiaHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
    }

    private sealed class TenantsHealthCheck(TenantCatalog catalog, TimeProvider time) : IHealthCheck
    {
        // A moment after the start, the first read is nearly done.
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await catalog.Filled.WaitAsync(Patience, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return HealthCheckResult.Unhealthy("The tenants were not read from the registry yet.");
            }

            return catalog.IsCurrent ? HealthCheckResult.Healthy()
                : HealthCheckResult.Degraded("The tenants can't be read from the registry; known ones work on.");
        }
    }

    private sealed class MasterHealthCheck(MasterHealth master) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(
            HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var standing = await master.CheckAsync(cancellationToken);
            return standing.State switch
            {
                MasterState.Healthy => HealthCheckResult.Healthy(),
                MasterState.WithoutNotifications => HealthCheckResult.Degraded(
                    "Notifications of the master do not arrive (a pooler in between, or no connection left?); "
                    + "changes are found by polling."),
                MasterState.ReadOnly => HealthCheckResult.Unhealthy("The master database is read-only."),
                _ => HealthCheckResult.Unhealthy("The master database does not answer.", standing.Failure),
            };
        }
    }
}
