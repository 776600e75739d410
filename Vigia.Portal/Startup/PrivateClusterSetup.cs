using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Startup;

/// <summary>
/// Ties the private cluster to the life of the portal: it starts before anything needs a database, is watched, and
/// stops after everything else.
/// </summary>
internal static class PrivateClusterSetup
{
    /// <summary>
    /// Starts the private cluster unless a master database is configured. The caller disposes of it after the portal
    /// has stopped.
    /// </summary>
    /// <returns>The settings, completed with the cluster's master.</returns>
    /// <exception cref="StartupException">The private cluster can't run here.</exception>
    internal static async Task<(VigiaSettings Settings, IAsyncDisposable? Cluster)> AddPrivateClusterAsync(
        this WebApplicationBuilder builder, VigiaSettings settings)
    {
        if (!settings.NeedsPrivateCluster) return (settings, null);
        if (OperatingSystem.IsWindows()) throw new StartupException(
            "The portal runs no PostgreSQL of its own on Windows.\n"
            + "Set MASTER_DATABASE_URL, for example postgresql://user:password@db.example.com:5432/vigia_master");

        var cluster = await PrivateCluster.StartAsync(settings, CancellationToken.None);
        builder.Services.AddSingleton(cluster);
        builder.Services.AddHostedService<PrivateClusterWatch>();
        return (cluster.Settings, cluster);
    }
}
