using Vigia.Core.Configuration;
using Vigia.Core.Postgres;

namespace Vigia.Portal.Startup;

/// <summary>The private cluster in the portal's life: up before anything needs a database, watched, and down after everything else.</summary>
internal static class PrivateClusterSetup
{
    /// <summary>Starts the private cluster unless a master database is configured; the caller disposes of it when the portal has stopped.</summary>
    /// <returns>The settings to go on with: complete now.</returns>
    /// <exception cref="StartupException">It can't run here.</exception>
    internal static async Task<(VigiaSettings Settings, IAsyncDisposable? Cluster)> AddPrivateClusterAsync(this WebApplicationBuilder builder, VigiaSettings settings)
    {
        if (!settings.NeedsPrivateCluster) return (settings, null);
        if (OperatingSystem.IsWindows()) throw new StartupException("The portal runs no PostgreSQL of its own on Windows.\nSet MASTER_DATABASE_URL, for example postgresql://user:password@db.example.com:5432/vigia_master");

        var cluster = await PrivateCluster.StartAsync(settings, CancellationToken.None);
        builder.Services.AddSingleton(cluster);
        builder.Services.AddHostedService<PrivateClusterWatch>();
        return (cluster.Settings, cluster);
    }
}
