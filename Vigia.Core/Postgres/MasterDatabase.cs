using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;
using Vigia.Core.Foundation.Configuration;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>Creates an empty master database, and explains why a master can't be used.</summary>
public static class MasterDatabase
{
    /// <summary>
    /// Creates the empty master database. With <paramref name="ifMissing"/>, an existing database is no error. See
    /// docs/rules.md#no-database-by-accident.
    /// </summary>
    /// <returns>Whether the database was created. False only with <paramref name="ifMissing"/>.</returns>
    /// <exception cref="StartupException">
    /// The database exists already, the role lacks a right, or the server can't be reached.
    /// </exception>
    public static async Task<bool> CreateAsync(PostgresUrl master, bool ifMissing, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection =
                await PostgresSessions.OpenAsync(
                SessionSettings.BuilderFor(master.WithDatabase("postgres")), cancellationToken);
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

    /// <summary>Creates an empty UTF8 database to which only its owner may connect.</summary>
    internal static async Task CreateAsync(
        NpgsqlConnection connection, string database, string? owner, CancellationToken cancellationToken)
    {
        var name = SqlIdentifier.Quote(database);
        var ownedBy = owner is null ? "" : $" OWNER {SqlIdentifier.Quote(owner)}";
        var sql = $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'{ownedBy}";
        await DatabaseLocale.CreateAsync(connection, sql, cancellationToken);
        await ExecuteAsync(connection, $"REVOKE ALL ON DATABASE {name} FROM PUBLIC", cancellationToken);
    }

    /// <summary>
    /// Explains a failure of the master's server, or of the connection to it, to the person who starts the portal.
    /// Other exceptions have no explanation here.
    /// </summary>
    public static bool TryExplain(
        Exception exception, PostgresUrl master, [NotNullWhen(true)] out StartupException? explained,
        string variable = "MASTER_DATABASE_URL")
    {
        explained = TransientFailures.Cause(exception) is NpgsqlException failure
            ? Explain(failure, master, variable) : null;
        return explained is not null;
    }

    private static StartupException Explain(
        NpgsqlException exception, PostgresUrl master, string variable = "MASTER_DATABASE_URL") =>
        new($"{variable} ({master.Masked}): " + exception switch
        {
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"the database \"{master.Database}\" does not exist.\n"
                + "Create an empty one with: Vigia.Portal create-master",
            PostgresException { SqlState: PostgresErrorCodes.DuplicateDatabase } =>
                $"the database \"{master.Database}\" exists already; nothing was done.",
            PostgresException
            {
                SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
            } =>
                $"the server refuses user \"{master.Username}\" with this password.",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege, Routine: "createdb" } refused =>
                $"the role \"{master.Username}\" may not do this: {refused.MessageText}.\n"
                + $"A superuser can grant it: ALTER ROLE {SqlIdentifier.Quote(master.Username)} CREATEDB CREATEROLE;",
            PostgresException
            {
                SqlState: PostgresErrorCodes.InsufficientPrivilege,
                Routine: "CheckMyDatabase" or "InitPostgres"
            } =>
                $"the role \"{master.Username}\" may not connect to it.\n"
                + $"A superuser can grant it: GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(master.Database)} "
                + $"TO {SqlIdentifier.Quote(master.Username)};",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused =>
                $"the role \"{master.Username}\" may not do this: {refused.MessageText}.\n"
                + "Which rights it needs: docs/operate.md#the-portals-role-and-the-server",
            PostgresException other => $"the server says: {other.MessageText} ({other.SqlState}).",
            { InnerException: SocketException socket } => $"the server can't be reached: {socket.Message}.",
            { InnerException: (AuthenticationException or CryptographicException) and { } tls } =>
                $"the TLS connection failed: {tls.Message}\n"
                + "Check sslmode and sslrootcert in the URL, and the server's certificate.",
            { InnerException: TimeoutException } => "the server can't be reached: no answer in time.",
            _ => $"the server can't be used: {exception.Message}",
        });

    internal static async Task ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
