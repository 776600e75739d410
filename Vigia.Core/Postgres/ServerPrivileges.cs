using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>The privileges of the portal's own role on its server. See docs/rules.md#portal-role.</summary>
/// <param name="Name">The name of the role.</param>
/// <param name="IsSuperuser">Whether the role may do everything, including what the portal must never do.</param>
/// <param name="Missing">
/// The statements with which a superuser grants the missing privileges. Empty when none are missing.
/// </param>
public sealed record ServerPrivileges(string Name, bool IsSuperuser, IReadOnlyList<string> Missing)
{
    // USAGE, because pg_terminate_backend requires it: a member that does not inherit may not end sessions.
    private const string Sql = """
        SELECT rolname::text, rolsuper, rolcreatedb, rolcreaterole, pg_has_role('pg_signal_backend', 'USAGE'),
               pg_has_role('pg_signal_backend', 'MEMBER')
        FROM pg_roles WHERE rolname = current_user
        """;

    /// <summary>Reads the privileges of the role of this session.</summary>
    public static async Task<ServerPrivileges> ReadAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var name = reader.GetString(0);
        var role = SqlIdentifier.Quote(name);
        if (reader.GetBoolean(1))
        {
            return new ServerPrivileges(name, true, []);
        }

        // Before PostgreSQL 16 the role's own attribute decides whether it inherits a membership. Since then the grant
        // decides.
        var inherit = session.PostgreSqlVersion.Major >= 16
            ? $"GRANT pg_signal_backend TO {role} WITH INHERIT TRUE;"
            : $"ALTER ROLE {role} INHERIT;";
        string?[] missing =
        [
            reader.GetBoolean(2) ? null : $"ALTER ROLE {role} CREATEDB;",
            reader.GetBoolean(3) ? null : $"ALTER ROLE {role} CREATEROLE;",
            reader.GetBoolean(4) ? null : reader.GetBoolean(5) ? inherit : $"GRANT pg_signal_backend TO {role};",
        ];
        return new ServerPrivileges(name, false, [.. missing.OfType<string>()]);
    }

    /// <summary>
    /// The missing privileges, one sentence each. The advice of each sentence is the statement that grants it.
    /// </summary>
    public IReadOnlyList<Message> InWords() =>
        [.. Missing.Select(statement => new Message("holder_portal_right", DatabaseHolders.Anywhere, statement, Name))];
}
