using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Vigia.Core.Feed;

namespace Vigia.Portal.Startup;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: the master database does too; tenants' health is data and never counts here.</summary>
internal static class HealthSetup
{
    internal static void AddVigiaHealth(this WebApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<MasterHealthCheck>("master", timeout: TimeSpan.FromSeconds(3));

    internal static void MapVigiaHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
    }

    private sealed class MasterHealthCheck(NpgsqlDataSource master, MasterNotifications notifications) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                await using var command = master.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return notifications.IsPolling
                    ? HealthCheckResult.Degraded("Notifications of the master are lost on the way (a pooler in between?); changes are found by polling.")
                    : HealthCheckResult.Healthy();
            }
            catch (NpgsqlException e)
            {
                return HealthCheckResult.Unhealthy("The master database does not answer.", e);
            }
        }
    }
}
