using System.Runtime.Versioning;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Startup;

/// <summary>Logs the location of the private cluster, and restarts its server after it was killed.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed partial class PrivateClusterWatch(
    PrivateCluster cluster, VigiaSettings settings, TimeProvider time, ILogger<PrivateClusterWatch> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogRunning(logger, cluster.Folder, cluster.Port);
        if (settings.OnlyDatabase is { } only) LogOnlyTenant(logger, only.Masked);
        if (cluster.Folder != settings.DataDirectory) LogElsewhere(logger, settings.DataDirectory, cluster.Folder);

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await cluster.RestartIfDeadAsync(stoppingToken)) LogRevived(logger, cluster.Port);
            }
            catch (Exception e) when (
                e is StartupException or PostgresProgramException or TimeoutException or IOException)
            {
                LogNotRevived(logger, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "MASTER_DATABASE_URL is not set: using the portal's own PostgreSQL under {Folder}, "
            + "on 127.0.0.1:{Port}")]
    private static partial void LogRunning(ILogger logger, string folder, int port);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "DATABASE_URL is the database of the only tenant, legacy: {Url}. The portal never alters it")]
    private static partial void LogOnlyTenant(ILogger logger, string url);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "PostgreSQL's user can't reach {Wished}: the cluster is in {Folder}")]
    private static partial void LogElsewhere(ILogger logger, string wished, string folder);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "The portal's own PostgreSQL had died; it runs again on port {Port}")]
    private static partial void LogRevived(ILogger logger, int port);

    [LoggerMessage(Level = LogLevel.Error, Message = "The portal's own PostgreSQL died and does not start: {Reason}")]
    private static partial void LogNotRevived(ILogger logger, string reason);
}
