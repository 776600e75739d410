using System.Runtime.Versioning;
using Npgsql;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>
/// Prepares a new private cluster, so that the portal can work on it with a role that is no superuser. It runs again
/// after an interruption.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class PrivateClusterSetup
{
    internal static async Task RunAsync(ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        await using var connection =
            await PostgresSessions.OpenAsync(SessionSettings.BuilderFor(Superuser(secrets)), cancellationToken);

        var role = SqlIdentifier.Quote(PrivateCluster.RoleName);
        var verb = await ExistsAsync(
            connection, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", PrivateCluster.RoleName,
            cancellationToken) ? "ALTER" : "CREATE";
        var verifier = SqlLiteral.Quote(ScramVerifier.Create(secrets.PortalPassword));
        await MasterDatabase.ExecuteAsync(
            connection, $"{verb} ROLE {role} LOGIN CREATEDB CREATEROLE PASSWORD {verifier}", cancellationToken);
        await MasterDatabase.ExecuteAsync(connection, $"GRANT pg_signal_backend TO {role}", cancellationToken);

        if (!await ExistsAsync(
            connection, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", PrivateCluster.MasterName,
            cancellationToken))
            await MasterDatabase.CreateAsync(
                connection, PrivateCluster.MasterName, PrivateCluster.RoleName, cancellationToken);
        await CloseAsync(connection, cancellationToken);
    }

    /// <summary>
    /// Closes all databases, also those that a person has opened: a tenant's role connects only to its own database. No
    /// confirmation is needed, because the cluster belongs to the portal.
    /// </summary>
    internal static async Task CloseAsync(ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        await using var connection =
            await PostgresSessions.OpenAsync(SessionSettings.BuilderFor(Superuser(secrets)), cancellationToken);
        await CloseAsync(connection, cancellationToken);
    }

    private static async Task CloseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var openings = await ServerOpenings.ReadAsync(
            connection, PrivateCluster.MasterName, PrivateCluster.RoleName, cancellationToken);
        await openings.CloseAsync(connection, cancellationToken);
    }

    private static PostgresUrl Superuser(ClusterSecrets secrets) =>
        new()
        {
            Host = "127.0.0.1", Port = secrets.Port, Database = "postgres", Username = "postgres",
            Password = secrets.SuperuserPassword
        };

    private static async Task<bool> ExistsAsync(
        NpgsqlConnection connection, string sql, string name, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = name } } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }
}
