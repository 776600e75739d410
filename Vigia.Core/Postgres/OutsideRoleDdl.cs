using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>A role that the portal did not make, as the server describes it.</summary>
/// <param name="IsOurs">Whether it carries a marker of a portal, is the session's own role, or is the group.</param>
/// <param name="Powers">Attributes that it must not have, such as <c>CREATEROLE</c>.</param>
/// <param name="Groups">All roles whose rights it has, directly or not, except the group of tenants.</param>
public sealed record OutsideRoleFacts(
    bool CanLogIn, bool Inherits, bool IsOurs, IReadOnlyList<string> Powers, IReadOnlyList<string> Groups);

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
                   CASE WHEN rolbypassrls THEN 'BYPASSRLS' END], NULL),
               ARRAY(WITH RECURSIVE held AS (
                       SELECT m.roleid FROM pg_auth_members m WHERE m.member = r.oid
                       UNION SELECT m.roleid FROM pg_auth_members m JOIN held h ON m.member = h.roleid)
                   SELECT g.rolname::text FROM held JOIN pg_roles g ON g.oid = held.roleid
                   WHERE g.rolname <> $2 ORDER BY 1)
        FROM pg_roles r WHERE rolname = $1
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

    // Since PostgreSQL 16 each grantor's membership is one of its own.
    private const string GrantorSql = """
        SELECT pg_get_userbyid(m.grantor)::text FROM pg_auth_members m
        WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = $1)
            AND m.roleid = (SELECT oid FROM pg_roles WHERE rolname = $2) LIMIT 1
        """;

    // The databases in which the role may call a function, as only a pooler's role may.
    private const string CallsSql = """
        SELECT DISTINCT d.datname FROM pg_roles r
        JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
            AND s.classid = 'pg_proc'::regclass AND s.deptype = 'a'
        JOIN pg_database d ON d.oid = s.dbid
        WHERE r.rolname = $1
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
                reader.GetBoolean(0), reader.GetBoolean(1), reader.GetBoolean(2), reader.GetFieldValue<string[]>(3),
                reader.GetFieldValue<string[]>(4))
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
    /// <exception cref="RuleException">
    /// <c>outside_role_stays_in_group</c>: another role gave the membership, so that role has to take it away.
    /// </exception>
    public static async Task LeaveTenantGroupAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        if (await ReadAsync(session, role, cancellationToken) is null)
        {
            return;
        }

        var (group, quoted) = (SqlIdentifier.Quote(RoleDdl.TenantGroup), SqlIdentifier.Quote(role));
        await ChangeAsync(session, $"REVOKE {group} FROM {quoted}", cancellationToken);
        await using var look = new NpgsqlCommand(GrantorSql, session)
        {
            Parameters = { new() { Value = role }, new() { Value = RoleDdl.TenantGroup } },
        };
        if (await look.ExecuteScalarAsync(cancellationToken) is string grantor)
        {
            throw new RuleException(
                "outside_role_stays_in_group", role, RoleDdl.TenantGroup,
                $"REVOKE {group} FROM {quoted} GRANTED BY {SqlIdentifier.Quote(grantor)};");
        }
    }

    /// <summary>
    /// Grants a role CONNECT on a database that carries <paramref name="marker"/>. Does nothing when the role is gone.
    /// </summary>
    public static async Task GrantConnectAsync(
        NpgsqlConnection session, string role, string database, string marker, CancellationToken cancellationToken)
    {
        if (await ReadAsync(session, role, cancellationToken) is null)
        {
            return;
        }

        try
        {
            await using var transaction = await BeginAsync(session, cancellationToken);
            await RoleDdl.GrantConnectAsync(session, role, database, marker, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedObject)
        {
            // Its administrator has just dropped the role.
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
            await ChangeAsync(
                session, $"REVOKE ALL ON DATABASE {SqlIdentifier.Quote(database)} FROM {SqlIdentifier.Quote(role)}",
                cancellationToken);
        }
    }

    /// <summary>
    /// Waits until no other session changes the access to a database of a portal. The end of the returned value ends
    /// that. <see cref="Guid.Empty"/> stands for the group of tenants.
    /// </summary>
    /// <exception cref="PostgresException">55P03: another session has been at it for long.</exception>
    public static async Task<IAsyncDisposable> TakeTurnAsync(
        NpgsqlConnection session, Guid masterId, Guid databaseId, CancellationToken cancellationToken)
    {
        var key = $"vigia outside {masterId:n} {databaseId:n}";
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await MasterDatabase.ExecuteAsync(session, "SET LOCAL lock_timeout = '30s'", cancellationToken);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended($1, 0))", session)
        {
            Parameters = { new() { Value = key } },
        })
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        // The lock belongs to the session, not to this transaction.
        await transaction.CommitAsync(cancellationToken);
        return new Turn(session, key);
    }

    private static async Task<NpgsqlTransaction> BeginAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var transaction = await session.BeginTransactionAsync(cancellationToken);
        await MasterDatabase.ExecuteAsync(session, "SET LOCAL lock_timeout = '3s'", cancellationToken);
        return transaction;
    }

    // Another session may hold the row of the database or of the role. Nothing here waits for it for long.
    private static async Task ChangeAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(session, cancellationToken);
        await MasterDatabase.ExecuteAsync(session, sql, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
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

    /// <summary>Lists the databases in which the role may call a function of its own.</summary>
    public static async Task<IReadOnlyList<string>> CallsAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CallsSql, session) { Parameters = { new() { Value = role } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    private sealed class Turn(NpgsqlConnection session, string key) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            // A session that has broken has lost the lock with it.
            if (session.State == System.Data.ConnectionState.Open)
            {
                await using var end = new NpgsqlCommand(
                    "SELECT pg_advisory_unlock(hashtextextended($1, 0))", session)
                {
                    Parameters = { new() { Value = key } },
                };
                await end.ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }
}
