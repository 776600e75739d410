using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Fleet;

/// <summary>Asks once, when a worker starts, for all clients to be brought up, where <see cref="SchemaOptions.MigrateAtStart"/> says so.</summary>
internal sealed partial class MigrateAtStart(IServiceScopeFactory scopes, MasterIdentity identity, IOptions<SchemaOptions> options, ILogger<MigrateAtStart> logger) : BackgroundService
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
            await scope.ServiceProvider.GetRequiredService<SchemaUpgrade>().StartAsync(Actor.System, null, stoppingToken);
        }
        catch (RuleException)
        {
            // Nobody is behind, or another instance was first.
        }
        catch (Exception e) when (e is NpgsqlException or DbUpdateException or InvalidOperationException { InnerException: NpgsqlException })
        {
            LogNotAsked(logger, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The clients' databases were not brought to the new schema at start: {Reason}")]
    private static partial void LogNotAsked(ILogger logger, string reason);
}
