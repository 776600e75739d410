using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Lifecycle.SchemaUpgrades;

/// <summary>
/// Requests the upgrade of all tenant databases once when a worker starts, if
/// <see cref="SchemaOptions.MigrateAtStart"/> is set.
/// </summary>
internal sealed partial class MigrateAtStart(
    IServiceScopeFactory scopes, MasterIdentity identity, IOptions<SchemaOptions> options,
    ILogger<MigrateAtStart> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.MigrateAtStart || identity.ReadOnly is not null)
        {
            return;
        }

        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<SchemaUpgradeService>()
                .StartAsync(Actor.System, null, stoppingToken);
        }
        catch (RuleException)
        {
            // No database is behind, or another instance has already requested the upgrade.
        }
        catch (Exception e) when (
            e is NpgsqlException or DbUpdateException or InvalidOperationException { InnerException: NpgsqlException })
        {
            LogNotAsked(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The upgrade of the tenant databases could not be requested at start: {Reason}")]
    private static partial void LogNotAsked(ILogger logger, string reason);
}
