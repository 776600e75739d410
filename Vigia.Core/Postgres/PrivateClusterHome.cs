using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vigia.Core.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>The folder of the private cluster: locks and secrets of ours, and below it the server's own folder.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class PrivateClusterHome(string folder)
{
    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    internal string Folder => folder;

    /// <summary>Held while the cluster is made, started or stopped.</summary>
    internal string StartLock => Path.Combine(folder, "start.lock");

    /// <summary>Shared by every portal that uses the cluster.</summary>
    internal string UsersLock => Path.Combine(folder, "users.lock");

    internal string ServerFolder => Path.Combine(folder, "postgres");

    internal string DataDirectory => Path.Combine(ServerFolder, "data");

    private string SecretsFile => Path.Combine(folder, "cluster.json");

    private string SecretKeyFile => Path.Combine(folder, "secret_key");

    /// <summary>
    /// Takes the wished folder, or <c>/var/lib/vigia/&lt;hash of its path&gt;</c> when the server's user can't get there: a folder in
    /// root's home is closed to the unprivileged user whom the server runs as.
    /// </summary>
    internal static async Task<PrivateClusterHome> OpenAsync(string wished, ServerUser user, CancellationToken cancellationToken)
    {
        try
        {
            Make(wished);
            if (await CanEnterAsync(user, wished, cancellationToken)) return new PrivateClusterHome(wished);

            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wished)))[..12];
            var instead = Path.Combine("/var/lib/vigia", hash);
            Make("/var/lib/vigia");
            Make(instead);
            if (await CanEnterAsync(user, instead, cancellationToken)) return new PrivateClusterHome(instead);
            throw new StartupException($"VIGIA_DATA_DIR: neither {wished} nor {instead} can be reached by user \"{user.Name}\", whom PostgreSQL runs as.\nExample: VIGIA_DATA_DIR=/srv/vigia");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new StartupException($"VIGIA_DATA_DIR: {wished} can't be used: {e.Message}\nExample: VIGIA_DATA_DIR=/srv/vigia");
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

    internal Task WriteSecretKeyAsync(string secret, CancellationToken cancellationToken) => WriteAsync(SecretKeyFile, secret, cancellationToken);

    // Whole or not at all: a half-written password would lock us out of our own cluster.
    private static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        await PostgresCluster.WriteSecretAsync(path + ".new", text, cancellationToken);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static void Make(string path)
    {
        if (!Directory.Exists(path)) Directory.CreateDirectory(path, Passable);
    }

    private static async Task<bool> CanEnterAsync(ServerUser user, string path, CancellationToken cancellationToken) =>
        (await user.RunAsync("test", ["-x", path], cancellationToken)).ExitCode == 0;
}

/// <summary>What only we know about the private cluster; in a file that only its owner may read.</summary>
/// <param name="SuperuserPassword">Of <c>postgres</c>; used to set up the cluster and for nothing else.</param>
/// <param name="PortalPassword">Of the role the portal works as.</param>
/// <param name="Port">Where the server listened last; tried first, so that who was connected finds it again.</param>
/// <param name="Prepared">Role and master database were made. From then on nothing makes an empty master any more.</param>
internal sealed record ClusterSecrets(string SuperuserPassword, string PortalPassword, int Port, bool Prepared);
