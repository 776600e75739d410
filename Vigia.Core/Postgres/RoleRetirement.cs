using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// Takes a login role of the portal out of use without ending a session. The role is closed, its objects and rights are
/// removed, its right to connect is revoked, and then it is dropped.
/// </summary>
public static class RoleRetirement
{
    /// <summary>Counts the sessions of these roles on the whole server.</summary>
    public static async Task<int> CountSessionsAsync(
        NpgsqlConnection session, string[] roles, CancellationToken cancellationToken)
    {
        await using var command =
            new NpgsqlCommand("SELECT count(*)::int FROM pg_stat_activity WHERE usename = ANY ($1)",
            session)
            { Parameters = { new() { Value = roles } } };
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Prevents new logins. Open sessions continue. Does nothing when the role does not exist or belongs to somebody
    /// else.
    /// </summary>
    public static async Task CloseAsync(
        NpgsqlConnection session, string role, string marker, CancellationToken cancellationToken)
    {
        if (await RoleDdl.IsOursAsync(session, role, marker, cancellationToken))
        {
            await ExecuteAsync(session, "ALTER ROLE " + SqlIdentifier.Quote(role) + " NOLOGIN", cancellationToken);
        }
    }

    /// <summary>Whether the role owns an object or was granted a right in a database.</summary>
    public static async Task<bool> HasDependenciesInAsync(
        NpgsqlConnection session, string role, string database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass
                           AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = $1)
                           AND dbid = (SELECT oid FROM pg_database WHERE datname = $2))
            """, session)
        { Parameters = { new() { Value = role }, new() { Value = database } } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>
    /// Gives the objects of <paramref name="from"/> in the session's database, which is its own tenant's, to
    /// <paramref name="to"/>. Default privileges can't be given away. They and all rights granted to the role are
    /// removed.
    /// </summary>
    public static async Task ReassignAsync(
        NpgsqlConnection session, string from, string to, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(session, "SET LOCAL lock_timeout = '3s'", cancellationToken);
        await GrantMembershipAsync(session, [from, to], cancellationToken);
        await ExecuteAsync(session, $"REASSIGN OWNED BY {SqlIdentifier.Quote(from)} TO {SqlIdentifier.Quote(to)}",
            cancellationToken);
        await ExecuteAsync(session, $"DROP OWNED BY {SqlIdentifier.Quote(from)}", cancellationToken);
        await RevokeMembershipAsync(session, [from, to], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Revokes all rights that were granted to <paramref name="role"/> in the session's database, which belongs to
    /// another tenant and whose marker was checked. With <paramref name="andDrop"/>, the role is dropped in the same
    /// transaction. Does nothing when the role owns an object there, because DROP OWNED would drop that object.
    /// </summary>
    public static async Task RevokeAllAsync(
        NpgsqlConnection session, string role, string marker, bool andDrop, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(session, "SET LOCAL lock_timeout = '3s'", cancellationToken);
        var owners = new List<string>();
        await using (var command = new NpgsqlCommand(
            """
            SELECT DISTINCT r.rolname FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
            WHERE s.refclassid = 'pg_authid'::regclass
              AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND (r.rolname = $1 AND s.deptype NOT IN ('a', 'i')
                   OR s.deptype = 'o' AND shobj_description(r.oid, 'pg_authid') LIKE $2)
            """, session)
        { Parameters = { new() { Value = role }, new() { Value = DatabaseMarker.RolePattern(marker) } } })
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                owners.Add(reader.GetString(0));
            }
        }

        if (owners.Contains(role))
        {
            return;
        }

        await GrantMembershipAsync(session, [.. owners, role], cancellationToken);
        await ExecuteAsync(session, $"DROP OWNED BY {SqlIdentifier.Quote(role)}", cancellationToken);
        await RevokeMembershipAsync(session, [.. owners, role], cancellationToken);
        if (andDrop)
        {
            await ExecuteAsync(session, $"DROP ROLE {SqlIdentifier.Quote(role)}", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the sessions of tenants whose open transactions grant a right to the role, because DROP ROLE would wait for
    /// them.
    /// </summary>
    public static async Task EndGrantingSessionsAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(l.pid)
            FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_roles r ON r.oid = a.usesysid
            WHERE l.locktype = 'object' AND l.classid = 'pg_authid'::regclass AND l.granted
              AND l.objid = (SELECT oid FROM pg_roles WHERE rolname = $1)
              AND NOT r.rolsuper AND r.rolname <> current_user
            """, session)
        { Parameters = { new() { Value = role } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the sessions of tenants whose open transactions have changed something in a database, because they may hold
    /// the rows that list a right. Only sessions of roles whose marker matches <paramref name="rolePattern"/> (from
    /// <see cref="DatabaseMarker.RolePattern(Guid)"/>) are ended. Must run on a maintenance session of the
    /// portal's role.
    /// </summary>
    public static async Task EndTransactionsAsync(
        NpgsqlConnection session, string database, string rolePattern, CancellationToken cancellationToken)
    {
        // pg_stat_activity hides the xact_start of other roles, but everybody can see the lock on a transaction's own
        // id.
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(a.pid)
            FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
            WHERE a.datname = $1 AND NOT r.rolsuper AND shobj_description(r.oid, 'pg_authid') LIKE $2
              AND a.pid IN (SELECT pid FROM pg_locks
                            WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted)
            """, session)
        { Parameters = { new() { Value = database }, new() { Value = rolePattern } } };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Only a member of a role may act on its objects. The membership lasts only as long as the transaction. Since
    // PostgreSQL 16 the grantee's own attribute decides about INHERIT unless the grant names it.
    private static Task GrantMembershipAsync(
        NpgsqlConnection session, IEnumerable<string> roles, CancellationToken cancellationToken)
    {
        var kinds = session.PostgreSqlVersion.Major >= 16 ? " WITH INHERIT TRUE, SET TRUE" : "";
        return ExecuteAsync(session, $"GRANT {List(roles)} TO CURRENT_USER{kinds}", cancellationToken);
    }

    private static Task RevokeMembershipAsync(
        NpgsqlConnection session, IEnumerable<string> roles, CancellationToken cancellationToken) =>
        ExecuteAsync(session, $"REVOKE {List(roles)} FROM CURRENT_USER", cancellationToken);

    private static string List(IEnumerable<string> roles) => string.Join(", ", roles.Select(SqlIdentifier.Quote));

    private static Task ExecuteAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken) =>
        MasterDatabase.ExecuteAsync(session, sql, cancellationToken);
}
