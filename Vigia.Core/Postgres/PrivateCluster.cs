using System.Runtime.Versioning;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// The PostgreSQL server that the portal runs for itself when no master database is configured. All portals on one data
/// folder share it. The first portal starts the server, and the last one stops it. A portal that was killed no longer
/// counts as a user.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateCluster : IAsyncDisposable
{
    public const string RoleName = "vigia_portal";
    public const string MasterName = "vigia_master";

    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(2);

    private readonly PrivateClusterHome _home;
    private readonly PrivateClusterServer _server;
    private readonly FileStream _use;
    private readonly ClusterSecrets _secrets;

    private PrivateCluster(
        PrivateClusterHome home, PrivateClusterServer server, FileStream use, ClusterSecrets secrets,
        VigiaSettings settings)
    {
        (_home, _server, _use, _secrets) = (home, server, use, secrets);
        Settings = settings;
    }

    /// <summary>
    /// The settings that were passed in, completed with the cluster's master database and secret key.
    /// </summary>
    public VigiaSettings Settings { get; }

    /// <summary>
    /// The folder of the cluster. It differs from VIGIA_DATA_DIR when the server's user can't reach that folder.
    /// </summary>
    public string Folder => _home.Folder;

    public int Port => _secrets.Port;

    /// <summary>
    /// Creates the cluster if there is none, starts its server if it does not run, and registers this portal as a user.
    /// Cancelling does not stop a server that is starting.
    /// </summary>
    /// <exception cref="StartupException">
    /// There are no PostgreSQL programs, they have the wrong version, or the folder can't be used.
    /// </exception>
    public static async Task<PrivateCluster> StartAsync(VigiaSettings settings, CancellationToken cancellationToken) =>
        await StartAsync(settings, await PostgresPrograms.FindAsync(cancellationToken), cancellationToken);

    internal static async Task<PrivateCluster> StartAsync(
        VigiaSettings settings, IReadOnlyList<PostgresPrograms> installed, CancellationToken cancellationToken)
    {
        if (installed.Count == 0)
            throw new StartupException(
                "MASTER_DATABASE_URL is not set, and this machine has no PostgreSQL programs to run a private "
                + "server (initdb, pg_ctl, postgres).\nInstall PostgreSQL's server programs, or set: "
                + "MASTER_DATABASE_URL=postgresql://user:password@db.example.com:5432/vigia_master");
        var user = ServerUser.Find()
            ?? throw new StartupException(
                "PostgreSQL refuses to run as root, and this machine has no user \"postgres\" or \"nobody\" "
                + "to run it as.\nSet MASTER_DATABASE_URL, or start the portal as another user.");

        var home = await PrivateClusterHome.OpenAsync(settings.DataDirectory, user, cancellationToken);
        try
        {
            await using var startLock = await FileLock.ExclusiveAsync(home.StartLock, LockTimeout, cancellationToken);
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

            var master = new PostgresUrl
            {
                Host = "127.0.0.1", Port = secrets.Port, Database = MasterName,
                Username = RoleName, Password = secrets.PortalPassword
            };
            return new PrivateCluster(
                home, server, FileLock.Shared(home.UsersLock), secrets,
                settings with { MasterDatabase = master, SecretKey = secretKey, UsesPrivateCluster = true });
        }
        catch (Exception e) when (
            e is UnauthorizedAccessException or IOException or TimeoutException or PostgresProgramException)
        {
            throw new StartupException(
                $"The private PostgreSQL cluster under {home.Folder} can't be used: {e.Message}");
        }
    }

    /// <summary>Starts the server again if it has died, on the same port if that is still free.</summary>
    /// <returns>Whether the server had died.</returns>
    public async Task<bool> RestartIfDeadAsync(CancellationToken cancellationToken)
    {
        if (_server.IsRunning) return false;
        await using var startLock = await FileLock.ExclusiveAsync(_home.StartLock, LockTimeout, cancellationToken);
        if (_server.IsRunning) return false;
        await _server.EnsureRunningAsync(cancellationToken);
        return true;
    }

    /// <summary>Leaves the cluster. The last portal stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await using var startLock = await FileLock.ExclusiveAsync(_home.StartLock, LockTimeout, CancellationToken.None);
        await _use.DisposeAsync();
        await using var alone = FileLock.TryExclusive(_home.UsersLock);
        if (alone is not null) await _server.StopAsync(CancellationToken.None);
    }

    private static async Task<string> SecretKeyAsync(
        PrivateClusterHome home, VigiaSettings settings, bool prepared, CancellationToken cancellationToken)
    {
        if (settings.HasSecretKey) return settings.SecretKey;
        if (await home.ReadSecretKeyAsync(cancellationToken) is { } kept) return kept;
        if (prepared)
            throw new StartupException(
                $"The cluster under {home.Folder} has lost its secret_key file. Its encrypted data can't be "
                + "read without it.\nPut the file back, or set SECRET_KEY to its content.");

        var secret = PasswordGenerator.Create(64);
        await home.WriteSecretKeyAsync(secret, cancellationToken);
        return secret;
    }
}
