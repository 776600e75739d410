using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>Opens unpooled connections for DDL. See docs/rules.md#ddl-connections.</summary>
public sealed class ServerConnections(MasterConnectionString master)
{
    private readonly NpgsqlConnectionStringBuilder _master = new(master.Value);

    /// <summary>
    /// The database in which maintenance commands (CREATE DATABASE, …) run. The portal's role can always connect to it.
    /// </summary>
    public string MaintenanceDatabase => _master.Database!;

    /// <summary>Opens a session with the portal's own role.</summary>
    /// <param name="serverId">
    /// The id of the server. Only 1, the server of the master, is supported until servers can be added.
    /// </param>
    /// <param name="database">The name of the database. It is never created.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    public Task<NpgsqlConnection> OpenAsync(int serverId, string database, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(serverId, 1);
        var settings = new NpgsqlConnectionStringBuilder(master.Value)
        {
            Database = database,
            ApplicationName = "Vigia Portal",
            Timeout = 10,
            CommandTimeout = 300,
        };
        return PostgresSessions.OpenAsync(settings, cancellationToken);
    }
}
