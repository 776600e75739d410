using System.Net.Sockets;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// Opens sessions outside the pool of the master. Each session gets a data source of its own, which is disposed as soon
/// as the session is open. A connection that is created from a connection string registers a data source for every
/// distinct string, password included, and Npgsql keeps it until the process ends. Therefore only this class and the
/// master's data source create connections. An analyzer refuses all other places (BannedSymbols.txt).
/// </summary>
public static class PostgresSessions
{
    // All data sources share one name, because metrics and event counters keep an entry for every name they have seen.
    private const string Name = "sessions";

    /// <summary>
    /// Opens a session that ends when the connection is disposed. It can't be opened again. Pooling is switched off in
    /// a copy of <paramref name="settings"/>.
    /// </summary>
    /// <returns>
    /// An open connection. It does not know enumerations, composites and other types that are not built into
    /// PostgreSQL, because reading the type catalogue takes longer than most sessions live. It knows built-in types and
    /// their arrays.
    /// </returns>
    /// <exception cref="NpgsqlException">The server refused the connection or can't be reached.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(
        NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        await using var source = Create(settings);
        return await source.OpenConnectionAsync(cancellationToken);
    }

    /// <summary>
    /// Asks a server for its major version, and whether its sessions come through a pooler. A pooler tells its own
    /// number of the process. Null when the server gives no session: the next attempt to open one says why.
    /// </summary>
    internal static (int Version, bool IsDirect)? TryLookAt(NpgsqlConnectionStringBuilder settings)
    {
        try
        {
            using var source = Create(settings);
            using var session = source.OpenConnection();
            using var command = new NpgsqlCommand("SELECT pg_backend_pid()", session);
            return (session.PostgreSqlVersion.Major, (int)command.ExecuteScalar()! == session.ProcessID);
        }
        catch (Exception e) when (e is NpgsqlException or IOException or SocketException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Opens a replication session and closes it, to find out whether the server lets the role in.</summary>
    /// <exception cref="NpgsqlException">The server refused the connection or can't be reached.</exception>
    public static async Task TryReplicationAsync(
        NpgsqlConnectionStringBuilder settings, CancellationToken cancellationToken)
    {
        // PhysicalReplicationConnection accepts only a connection string and would therefore register it until the
        // process ends. This is the keyword that it adds.
        settings = new NpgsqlConnectionStringBuilder(
            settings.ConnectionString)
        { Enlist = false, ["Replication Mode"] = "Physical" };
        await using var connection = await OpenAsync(settings, cancellationToken);
    }

    /// <summary>
    /// Creates a data source that keeps its only connection open between two uses, until it is disposed. It never has
    /// more than one, so that connections can be counted.
    /// </summary>
    /// <param name="settings">Address, role and password.</param>
    /// <param name="opened">Is called for each connection that is opened, but not for one that was kept.</param>
    internal static NpgsqlDataSource CreateForOne(NpgsqlConnectionStringBuilder settings, Action opened)
    {
        // Npgsql would close the connection of a pool that is mostly idle, and open another one unasked.
        const int Day = 86_400;
        return Build(new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            Pooling = true, MinPoolSize = 0, MaxPoolSize = 1, ConnectionIdleLifetime = Day,
            ConnectionPruningInterval = Day / 2,
        }, opened);
    }

    private static NpgsqlDataSource Create(NpgsqlConnectionStringBuilder settings) =>
        Build(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false });

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, Action? opened = null)
    {
#pragma warning disable RS0030 // The only place that may create a data source.
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = Name };
#pragma warning restore RS0030
        if (opened is not null)
        {
            builder.UsePhysicalConnectionInitializer(_ => opened(), _ =>
            {
                opened();
                return Task.CompletedTask;
            });
        }

        return TolerantTypes.AddTo(builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false))).Build();
    }
}
