using System.Runtime.Versioning;
using Vigia.Core.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>
/// The PostgreSQL that the portal runs for itself when no master database is configured. Portals on one data folder share it: whoever
/// comes first starts the server, the last one out stops it, and who was killed is not counted any more.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateCluster : IAsyncDisposable
{
    public const string PortalRole = "vigia_portal";
    public const string MasterName = "vigia_master";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly PrivateClusterHome _home;
    private readonly PrivateClusterServer _server;
    private readonly FileStream _use;
    private readonly ClusterSecrets _secrets;

    private PrivateCluster(PrivateClusterHome home, PrivateClusterServer server, FileStream use, ClusterSecrets secrets, VigiaSettings settings)
    {
        (_home, _server, _use, _secrets) = (home, server, use, secrets);
        Settings = settings;
    }

    /// <summary>The settings it was started for, now with the cluster's master database and secret key in them.</summary>
    public VigiaSettings Settings { get; }

    /// <summary>Where it lives; another folder than VIGIA_DATA_DIR when the server's user can't reach that.</summary>
    public string Folder => _home.Folder;

    public int Port => _secrets.Port;

    /// <summary>Makes the cluster if there is none, starts its server if it doesn't run, and joins its users.</summary>
    /// <param name="settings">Their data folder, and their secret key if one is set.</param>
    /// <param name="cancellationToken">Gives up; a server that is starting goes on starting.</param>
    /// <exception cref="StartupException">There are no PostgreSQL programs, not the right ones, or the folder can't be used.</exception>
    public static async Task<PrivateCluster> StartAsync(VigiaSettings settings, CancellationToken cancellationToken) =>
        await StartAsync(settings, await PostgresPrograms.FindAsync(cancellationToken), cancellationToken);

    internal static async Task<PrivateCluster> StartAsync(VigiaSettings settings, IReadOnlyList<PostgresPrograms> installed, CancellationToken cancellationToken)
    {
        if (installed.Count == 0)
            throw new StartupException("MASTER_DATABASE_URL is not set, and there is no PostgreSQL on this machine to run one with (initdb, pg_ctl, postgres).\nInstall PostgreSQL's server programs, or set: MASTER_DATABASE_URL=postgresql://user:password@db.example.com:5432/vigia_master");
        var user = ServerUser.Find() ?? throw new StartupException("PostgreSQL refuses to run as root, and this machine has no user \"postgres\" or \"nobody\" to run it as.\nSet MASTER_DATABASE_URL, or start the portal as another user.");

        var home = await PrivateClusterHome.OpenAsync(settings.DataDirectory, user, cancellationToken);
        try
        {
            await using var startLock = await FileLock.ExclusiveAsync(home.StartLock, Patience, cancellationToken);
            var server = await PrivateClusterServer.OpenAsync(home, installed, user, cancellationToken);
            var secrets = await server.EnsureRunningAsync(cancellationToken);
            var secretKey = await SecretKeyAsync(home, settings, secrets.Prepared, cancellationToken);
            if (!secrets.Prepared)
            {
                await PrivateClusterSetup.RunAsync(secrets, cancellationToken);
                secrets = secrets with { Prepared = true };
                await home.WriteSecretsAsync(secrets, cancellationToken);
            }
            else
            {
                await PrivateClusterSetup.CloseAsync(secrets, cancellationToken);
            }

            var master = new PostgresUrl { Host = "127.0.0.1", Port = secrets.Port, Database = MasterName, Username = PortalRole, Password = secrets.PortalPassword };
            return new PrivateCluster(
                home, server, FileLock.Shared(home.UsersLock), secrets, settings with { MasterDatabase = master, SecretKey = secretKey, UsesPrivateCluster = true });
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or TimeoutException or PostgresProgramException)
        {
            throw new StartupException($"The private PostgreSQL cluster under {home.Folder} can't be used: {e.Message}");
        }
    }

    /// <summary>Starts the server again if it died under us, on the same port when that is still free.</summary>
    /// <returns>Whether it had died.</returns>
    public async Task<bool> ReviveAsync(CancellationToken cancellationToken)
    {
        if (_server.IsRunning) return false;
        await using var startLock = await FileLock.ExclusiveAsync(_home.StartLock, Patience, cancellationToken);
        if (_server.IsRunning) return false;
        await _server.EnsureRunningAsync(cancellationToken);
        return true;
    }

    /// <summary>Leaves the cluster; the last one out stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await using var startLock = await FileLock.ExclusiveAsync(_home.StartLock, Patience, CancellationToken.None);
        await _use.DisposeAsync();
        await using var alone = FileLock.TryExclusive(_home.UsersLock);
        if (alone is not null) await _server.StopAsync(CancellationToken.None);
    }

    private static async Task<string> SecretKeyAsync(PrivateClusterHome home, VigiaSettings settings, bool prepared, CancellationToken cancellationToken)
    {
        if (settings.HasSecretKey) return settings.SecretKey;
        if (await home.ReadSecretKeyAsync(cancellationToken) is { } kept) return kept;
        if (prepared)
            throw new StartupException($"The cluster under {home.Folder} has lost its secret_key file, and what is encrypted there can't be read without it.\nPut the file back, or set SECRET_KEY to what it was.");

        var secret = PasswordGenerator.Create(64);
        await home.WriteSecretKeyAsync(secret, cancellationToken);
        return secret;
    }
}
