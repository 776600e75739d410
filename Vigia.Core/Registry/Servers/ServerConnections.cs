using Npgsql;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// Opens connections to the servers of tenant databases, by the server's id: unpooled ones for DDL
/// (docs/rules.md#ddl-connections), and pooled ones that read a server's catalogue. Only 1, the server of the master,
/// is supported until servers can be added.
/// </summary>
public sealed class ServerConnections(MasterConnectionString master, NpgsqlDataSource pool)
{
    /// <summary>The id of the server on which the master database is.</summary>
    public const int MasterServerId = 1;

    /// <summary>The id of the server on which new databases are created.</summary>
    public const int NewDatabasesServerId = MasterServerId;

    private readonly NpgsqlConnectionStringBuilder _master = new(master.Value);

    /// <summary>
    /// The database in which maintenance commands (CREATE DATABASE, …) run. The portal's role can always connect to it.
    /// </summary>
    public string MaintenanceDatabase => _master.Database!;

    /// <summary>Opens a session with the portal's own role.</summary>
    /// <param name="database">The name of the database. It is never created.</param>
    /// <exception cref="DatabaseUnreachableException">
    /// The server lets the portal in, but not into this database.
    /// </exception>
    /// <exception cref="NpgsqlException">The server does not let the portal in, or is away.</exception>
    public Task<NpgsqlConnection> OpenAsync(int serverId, string database, CancellationToken cancellationToken) =>
        OpenAsync(serverId, database, isForeign: false, cancellationToken);

    /// <summary>
    /// Opens a session with the portal's own role in a database that somebody else owns or owned. It trusts only
    /// PostgreSQL's own catalogue from its first statement on.
    /// </summary>
    /// <inheritdoc cref="OpenAsync(int, string, CancellationToken)"/>
    public Task<NpgsqlConnection> OpenForeignAsync(
        int serverId, string database, CancellationToken cancellationToken) =>
        OpenAsync(serverId, database, isForeign: true, cancellationToken);

    private async Task<NpgsqlConnection> OpenAsync(
        int serverId, string database, bool isForeign, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(serverId, MasterServerId);
        try
        {
            return await OpenSessionAsync(database, isForeign, cancellationToken);
        }
        catch (Exception e) when (database != MaintenanceDatabase && DatabaseUnreachableException.MayBe(e))
        {
            if (await TryJudgeAsync(database, e, cancellationToken) is { } ofThisDatabase)
            {
                throw ofThisDatabase;
            }

            throw;
        }
    }

    // No code of an error tells a server's trouble from that of one database: a limit of connections, a broken file, a
    // trigger on login and silence exist for both. A second session in the maintenance database does. It is a new one,
    // because a pooled one goes on working on a server that lets nobody in any more.
    private async Task<DatabaseUnreachableException?> TryJudgeAsync(
        string database, Exception failure, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await OpenSessionAsync(MaintenanceDatabase, isForeign: false, cancellationToken);
            var seen = await DatabaseSurvey.ReadAsync(
                session, new Dictionary<string, string>(), [database], cancellationToken);
            return DatabaseUnreachableException.Of(database, seen.SingleOrDefault(), failure);
        }
        catch (Exception e) when (DatabaseUnreachableException.MayBe(e))
        {
            return null;
        }
    }

    private async Task<NpgsqlConnection> OpenSessionAsync(
        string database, bool isForeign, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(master.Value)
        {
            Database = database,
            ApplicationName = "Vigia Portal",
            Timeout = 10,
            CommandTimeout = 300,
        };
        settings.Options = SessionSettings.AddTo(settings.Options);
        if (isForeign)
        {
            settings.Options = SessionSettings.TrustOnlyCatalogue(settings.Options);
        }

        var session = await PostgresSessions.OpenAsync(settings, cancellationToken);
        try
        {
            await SessionSettings.ApplyNewerAsync(session, cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Opens a pooled session with the portal's own role, to read what the server's catalogue says about its databases
    /// and roles.
    /// </summary>
    public async Task<NpgsqlConnection> OpenCatalogueAsync(int serverId, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(serverId, MasterServerId);
        return await pool.OpenConnectionAsync(cancellationToken);
    }
}
