using System.Runtime.Versioning;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>What a new private cluster needs before the portal can work on it as a role without superpowers. Repeated when it was interrupted.</summary>
[UnsupportedOSPlatform("windows")]
internal static class PrivateClusterSetup
{
    internal static async Task RunAsync(ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(Superuser(secrets).ToConnectionStringBuilder());
        await using var connection = await source.OpenConnectionAsync(cancellationToken);

        var role = SqlIdentifier.Quote(PrivateCluster.PortalRole);
        var verb = await ExistsAsync(connection, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", PrivateCluster.PortalRole, cancellationToken) ? "ALTER" : "CREATE";
        var verifier = SqlLiteral.Quote(ScramVerifier.Create(secrets.PortalPassword));
        await MasterDatabase.ExecuteAsync(connection, $"{verb} ROLE {role} LOGIN CREATEDB CREATEROLE PASSWORD {verifier}", cancellationToken);
        await MasterDatabase.ExecuteAsync(connection, $"GRANT pg_signal_backend TO {role}", cancellationToken);

        if (!await ExistsAsync(connection, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", PrivateCluster.MasterName, cancellationToken))
            await MasterDatabase.CreateAsync(connection, PrivateCluster.MasterName, PrivateCluster.PortalRole, cancellationToken);
        await CloseAsync(connection, cancellationToken);
    }

    /// <summary>The cluster is ours, so it is closed without asking, also one that somebody opened: a tenant's role connects to its own database and to nothing else.</summary>
    internal static async Task CloseAsync(ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(Superuser(secrets).ToConnectionStringBuilder());
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await CloseAsync(connection, cancellationToken);
    }

    private static async Task CloseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var openings = await ServerOpenings.ReadAsync(connection, PrivateCluster.MasterName, PrivateCluster.PortalRole, cancellationToken);
        await openings.CloseAsync(connection, cancellationToken);
    }

    private static PostgresUrl Superuser(ClusterSecrets secrets) =>
        new() { Host = "127.0.0.1", Port = secrets.Port, Database = "postgres", Username = "postgres", Password = secrets.SuperuserPassword };

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string sql, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
