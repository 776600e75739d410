using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// The folder of the private cluster. It contains the portal's locks and secrets, and the server's own folder.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateClusterHome(string folder)
{
    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    internal string Folder => folder;

    /// <summary>The lock that is held while the cluster is created, started or stopped.</summary>
    internal string StartLock => Path.Combine(folder, "start.lock");

    /// <summary>The lock that all portals share while they use the cluster.</summary>
    internal string UsersLock => Path.Combine(folder, "users.lock");

    internal string ServerFolder => Path.Combine(folder, "postgres");

    internal string DataDirectory => Path.Combine(ServerFolder, "data");

    private string SecretsFile => Path.Combine(folder, "cluster.json");

    private string SecretKeyFile => Path.Combine(folder, "secret_key");

    /// <summary>
    /// Opens the requested folder, or <c>/var/lib/vigia/&lt;hash of its path&gt;</c> when the server's user can't reach
    /// it. A folder in root's home is closed to the unprivileged user that runs the server.
    /// </summary>
    internal static async Task<PrivateClusterHome> OpenAsync(
        string requested, ServerUser user, CancellationToken cancellationToken)
    {
        try
        {
            EnsureFolder(requested);
            if (await CanEnterAsync(user, requested, cancellationToken)) return new PrivateClusterHome(requested);

            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requested)))[..12];
            var instead = Path.Combine("/var/lib/vigia", hash);
            EnsureFolder("/var/lib/vigia");
            EnsureFolder(instead);
            if (await CanEnterAsync(user, instead, cancellationToken)) return new PrivateClusterHome(instead);
            throw new StartupException(
                $"VIGIA_DATA_DIR: neither {requested} nor {instead} can be reached by user "
                + $"\"{user.Name}\", as which PostgreSQL runs.\nExample: VIGIA_DATA_DIR=/srv/vigia");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StartupException(
                $"VIGIA_DATA_DIR: {requested} can't be used: {e.Message}\nExample: VIGIA_DATA_DIR=/srv/vigia");
        }
    }

    internal async Task<ClusterSecrets?> ReadSecretsAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(SecretsFile)) return null;
        await using var stream = File.OpenRead(SecretsFile);
        return await JsonSerializer.DeserializeAsync<ClusterSecrets>(stream, cancellationToken: cancellationToken);
    }

    internal Task WriteSecretsAsync(ClusterSecrets secrets, CancellationToken cancellationToken) =>
        WriteAsync(SecretsFile, JsonSerializer.Serialize(secrets), cancellationToken);

    internal async Task<string?> ReadSecretKeyAsync(CancellationToken cancellationToken) =>
        File.Exists(SecretKeyFile) ? (await File.ReadAllTextAsync(SecretKeyFile, cancellationToken)).Trim() : null;

    internal Task WriteSecretKeyAsync(string secret, CancellationToken cancellationToken) =>
        WriteAsync(SecretKeyFile, secret, cancellationToken);

    // The file is replaced as a whole: a half-written password would lock the portal out of its own cluster.
    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await PostgresCluster.WriteSecretAsync(path + ".new", text, cancellationToken);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static void EnsureFolder(string path)
    {
        if (!Directory.Exists(path)) Directory.CreateDirectory(path, Passable);
    }

    private static async Task<bool> CanEnterAsync(ServerUser user, string path, CancellationToken cancellationToken) =>
        (await user.RunAsync("test", ["-x", path], cancellationToken)).ExitCode == 0;
}

/// <summary>The secrets of the private cluster, stored in a file that only its owner may read.</summary>
/// <param name="SuperuserPassword">The password of <c>postgres</c>, used only to set up the cluster.</param>
/// <param name="PortalPassword">The password of the portal's role.</param>
/// <param name="Port">
/// The last port of the server. It is tried first, so that connected portals find the server again.
/// </param>
/// <param name="Prepared">
/// Whether the role and the master database have been created. After that no empty master is ever created again.
/// </param>
internal sealed record ClusterSecrets(string SuperuserPassword, string PortalPassword, int Port, bool Prepared);
