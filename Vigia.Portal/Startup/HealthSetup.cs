using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Vigia.Core.Registry.Feed;

namespace Vigia.Portal.Startup;

/// <summary>
/// <c>/health/live</c>: the process responds. <c>/health/ready</c>: the master database responds and takes changes.
/// The health of tenants is data of the portal and has no effect here.
/// </summary>
internal static class HealthSetup
{
    internal static void AddVigiaHealth(this WebApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<MasterHealthCheck>("master", timeout: TimeSpan.FromSeconds(3));

    internal static void MapVigiaHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
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
