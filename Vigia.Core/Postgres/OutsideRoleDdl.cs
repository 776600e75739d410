using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>A role that the portal did not make, as the server describes it.</summary>
/// <param name="IsOurs">Whether it carries a marker of a portal, is the session's own role, or is the group.</param>
/// <param name="Powers">Attributes that it must not have, such as <c>CREATEROLE</c>.</param>
public sealed record OutsideRoleFacts(bool CanLogIn, bool Inherits, bool IsOurs, IReadOnlyList<string> Powers);

/// <summary>
/// Gives roles that the portal did not make their access to databases of tenants, and takes it away. Nothing here makes
/// or drops a role. All statements run on a maintenance session of the portal's own role.
/// </summary>
public static class OutsideRoleDdl
{
    private const string FactsSql = """
        SELECT rolcanlogin, rolinherit,
               rolname = current_user OR rolname = $2
                   OR coalesce(shobj_description(oid, 'pg_authid') LIKE 'vigia:%', false),
               array_remove(ARRAY[
                   CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
                   CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
                   CASE WHEN rolbypassrls THEN 'BYPASSRLS' END], NULL)
        FROM pg_roles WHERE rolname = $1
        """;

    // Databases of this portal that list the role with a right of their own.
    private const string GrantedSql = """
        SELECT d.datname, m.description FROM pg_roles r
        JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
            AND s.classid = 'pg_database'::regclass AND s.dbid = 0 AND s.deptype = 'a'
        JOIN pg_database d ON d.oid = s.objid
        JOIN pg_shdescription m ON m.objoid = d.oid AND m.classoid = 'pg_database'::regclass
            AND m.description LIKE $2
        WHERE r.rolname = $1 ORDER BY 1
        """;

    /// <summary>Describes a role; null when there is none.</summary>
    public static async Task<OutsideRoleFacts?> ReadAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(FactsSql, session)
        {
            Parameters = { new() { Value = role }, new() { Value = RoleDdl.TenantGroup } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new OutsideRoleFacts(
                reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.GetFieldValue<string[]>(3))
            : null;
    }

    /// <summary>Gives the role the rights of tenants: in the databases to which it may connect.</summary>
    /// <exception cref="RuleException"><c>tenant_group_admin_missing</c>.</exception>
    public static async Task JoinTenantGroupAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        await RoleDdl.EnsureTenantGroupAsync(session, cancellationToken);
        await RoleDdl.JoinGroupAsync(session, SqlIdentifier.Quote(role), cancellationToken);
    }

    /// <summary>Takes the rights of tenants away. Does nothing when the role is gone.</summary>
    public static async Task LeaveTenantGroupAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        if (await ReadAsync(session, role, cancellationToken) is not null)
        {
            await MasterDatabase.ExecuteAsync(
                session, $"REVOKE {SqlIdentifier.Quote(RoleDdl.TenantGroup)} FROM {SqlIdentifier.Quote(role)}",
                cancellationToken);
        }
    }

    /// <summary>
    /// Takes every right on a database that carries <paramref name="marker"/> away from a role. Does nothing when the
    /// role or the database is gone.
    /// </summary>
    public static async Task RevokeAsync(
        NpgsqlConnection session, string role, string database, string marker, CancellationToken cancellationToken)
    {
        if (await ReadAsync(session, role, cancellationToken) is not null
            && await DatabaseDdl.DescribeAsync(session, database, cancellationToken) is { } found
            && found.Marker == marker)
        {
            await MasterDatabase.ExecuteAsync(
                session,
                $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(database)} FROM {SqlIdentifier.Quote(role)}",
                cancellationToken);
        }
    }

    /// <summary>
    /// Lists the databases with a marker like <paramref name="pattern"/> on which the role has a right, with their
    /// markers.
    /// </summary>
    public static async Task<IReadOnlyList<(string Name, string Marker)>> GrantedAsync(
        NpgsqlConnection session, string role, string pattern, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(GrantedSql, session)
        {
            Parameters = { new() { Value = role }, new() { Value = pattern } },
        };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<(string, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }
}
