using System.Net.Sockets;
using Npgsql;
using Vigia.Core.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>The master database from outside: making an empty one, and saying in words why it can't be used.</summary>
public static class MasterDatabase
{
    /// <summary>Makes the empty database; nothing else ever does (invariant 12).</summary>
    /// <param name="master">Its address.</param>
    /// <param name="ifMissing">Whether one that is there already is no error.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Whether it was made; false only with <paramref name="ifMissing"/>.</returns>
    /// <exception cref="StartupException">It is there already, the role may not, or the server can't be reached.</exception>
    public static async Task<bool> CreateAsync(PostgresUrl master, bool ifMissing, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(master.WithDatabase("postgres").ToConnectionStringBuilder());
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await CreateAsync(connection, master.Database, owner: null, cancellationToken);
            return true;
        }
        catch (PostgresException e) when (ifMissing && e.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            return false;
        }
        catch (NpgsqlException e)
        {
            throw Explain(e, master);
        }
    }

    /// <summary>Makes an empty UTF8 database that only its owner may connect to.</summary>
    internal static async Task CreateAsync(NpgsqlConnection connection, string database, string? owner, CancellationToken cancellationToken)
    {
        var name = SqlIdentifier.Quote(database);
        var sql = $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'{(owner is null ? "" : $" OWNER {SqlIdentifier.Quote(owner)}")}";
        try
        {
            await ExecuteAsync(connection, sql + " LOCALE 'C.UTF-8'", cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.WrongObjectType or PostgresErrorCodes.InvalidParameterValue)
        {
            // An operating system without C.UTF-8: the server's own default then.
            await ExecuteAsync(connection, sql, cancellationToken);
        }

        await ExecuteAsync(connection, $"REVOKE ALL ON DATABASE {name} FROM PUBLIC", cancellationToken);
    }

    /// <summary>What a failed connection to the master means to the person who starts the portal.</summary>
    public static StartupException Explain(NpgsqlException exception, PostgresUrl master, string variable = "MASTER_DATABASE_URL") => new($"{variable} ({master.Masked}): " + exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"the database \"{master.Database}\" does not exist.\nMake an empty one with: Vigia.Portal create-master",
        PostgresException { SqlState: PostgresErrorCodes.DuplicateDatabase } =>
            $"the database \"{master.Database}\" is there already; nothing was done.",
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"the server refuses user \"{master.Username}\" with this password.",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
            $"the role \"{master.Username}\" may not do this: {refused.MessageText}.\nA superuser can grant it: ALTER ROLE {SqlIdentifier.Quote(master.Username)} CREATEDB CREATEROLE",
        PostgresException other => $"the server says: {other.MessageText} ({other.SqlState}).",
        { InnerException: SocketException socket } => $"the server can't be reached: {socket.Message}.",
        { InnerException: TimeoutException } => "the server can't be reached: no answer in time.",
        _ => $"the server can't be used: {exception.Message}",
    });

    internal static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
