using Npgsql;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>The role that the portal itself works with. It is no superuser.</summary>
public static class PortalRole
{
    /// <summary>
    /// Creates the role, or gives an existing one its rights and password again. The server gets a SCRAM verifier and
    /// never the password, because DDL may be logged (docs/rules.md#secrets).
    /// </summary>
    /// <param name="server">A superuser's URL of the server.</param>
    /// <param name="role">The name of the role.</param>
    /// <param name="password">Its password, printable ASCII.</param>
    /// <returns>Whether the role was created.</returns>
    public static async Task<bool> EnsureAsync(
        PostgresUrl server, string role, string password, CancellationToken cancellationToken)
    {
        await using var session =
            await PostgresSessions.OpenAsync(SessionSettings.BuilderFor(server), cancellationToken);
        await using var look = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", session);
        look.Parameters.Add(new NpgsqlParameter { Value = role });
        var isThere = (bool)(await look.ExecuteScalarAsync(cancellationToken))!;
        var name = SqlIdentifier.Quote(role);
        var verifier = SqlLiteral.Quote(ScramVerifier.Create(password));
        await using var make = new NpgsqlCommand(
            $"{(isThere ? "ALTER" : "CREATE")} ROLE {name} LOGIN CREATEDB CREATEROLE PASSWORD {verifier}; "
            + $"GRANT pg_signal_backend TO {name}", session);
        await make.ExecuteNonQueryAsync(cancellationToken);
        return !isThere;
    }
}
