using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Databases;

/// <summary>What the role that the portal works as may do on its server (architecture section 5).</summary>
/// <param name="Name">The role.</param>
/// <param name="IsSuperuser">It may do everything, also what the portal must never do.</param>
/// <param name="Missing">The statements, for a superuser to run, that give it what it lacks; empty when it lacks nothing.</param>
public sealed record PortalRole(string Name, bool IsSuperuser, IReadOnlyList<string> Missing)
{
    /// <summary>Asks the server.</summary>
    public static async Task<PortalRole> ReadAsync(NpgsqlDataSource master, CancellationToken cancellationToken)
    {
        await using var command = master.CreateCommand(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, pg_has_role('pg_signal_backend', 'MEMBER') FROM pg_roles WHERE rolname = current_user");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var name = reader.GetString(0);
        var role = SqlIdentifier.Quote(name);
        if (reader.GetBoolean(1))
        {
            return new PortalRole(name, true, []);
        }

        string?[] missing =
        [
            reader.GetBoolean(2) ? null : $"ALTER ROLE {role} CREATEDB;",
            reader.GetBoolean(3) ? null : $"ALTER ROLE {role} CREATEROLE;",
            reader.GetBoolean(4) ? null : $"GRANT pg_signal_backend TO {role};",
        ];
        return new PortalRole(name, false, [.. missing.OfType<string>()]);
    }
}
