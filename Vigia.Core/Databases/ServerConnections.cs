using Npgsql;
using Vigia.Core.Master;

namespace Vigia.Core.Databases;

/// <summary>Where DDL goes: the master's host and role (architecture section 6). Connections made here are never pooled.</summary>
public sealed class ServerConnections(MasterConnectionString master)
{
    private readonly NpgsqlConnectionStringBuilder _master = new(master.Value);

    /// <summary>The database in which maintenance commands (CREATE DATABASE, …) run; the portal's role can always connect to it.</summary>
    public string MaintenanceDatabase => _master.Database!;

    /// <summary>Opens a session with the portal's own role.</summary>
    /// <param name="serverId">1, the master's server, is the only one until servers can be added.</param>
    /// <param name="database">Its name; never created.</param>
    /// <param name="applicationName">Shown in <c>pg_stat_activity</c> and the server's log.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<NpgsqlConnection> OpenAsync(int serverId, string database, string applicationName, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(serverId, 1);
        var settings = new NpgsqlConnectionStringBuilder(master.Value)
        {
            Database = database,
            Pooling = false,
            ApplicationName = applicationName,
            Timeout = 10,
            CommandTimeout = 300,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
