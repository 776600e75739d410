using Npgsql;
using NpgsqlTypes;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// The dependencies on login roles of the portal, outside the tenant's own database, that keep the roles from being
/// dropped.
/// </summary>
/// <param name="ForPersons">
/// The dependencies that only a person can remove, one sentence each. The advice is the statement that removes the
/// dependency and the database to run it in.
/// </param>
/// <param name="Inside">Databases of the portal in which a role was granted a right that the portal can revoke.</param>
/// <param name="On">
/// Databases of the portal on which a role was granted a right (CONNECT) that the portal can revoke.
/// </param>
public sealed record RoleHolders(
    IReadOnlyList<Message> ForPersons, IReadOnlyList<(string Database, Message InWords)> Inside,
    IReadOnlyList<string> On)
{
    // pg_auth_members has oids since PostgreSQL 16. pg_shdepend lists the dependencies in all databases. Only grants
    // (a: access list, i: initial privileges of an extension) can be removed without losing data.
    private const string DependenciesSql = """
        SELECT r.rolname::text, coalesce(d.datname::text, ''), coalesce(pg_get_userbyid(d.datdba)::text, ''),
               coalesce(shobj_description(
                   CASE WHEN s.dbid <> 0 THEN d.oid WHEN s.classid = 'pg_database'::regclass THEN s.objid END,
                   'pg_database') LIKE $3, false),
               s.deptype IN ('a', 'i'),
               CASE WHEN s.dbid = 0 THEN s.classid::regclass::text ELSE '' END,
               coalesce(CASE s.classid
                   WHEN 'pg_database'::regclass THEN (SELECT datname::text FROM pg_database WHERE oid = s.objid)
                   WHEN 'pg_tablespace'::regclass THEN (SELECT spcname::text FROM pg_tablespace WHERE oid = s.objid)
                   WHEN 'pg_parameter_acl'::regclass THEN (SELECT parname FROM pg_parameter_acl WHERE oid = s.objid)
                   WHEN 'pg_auth_members'::regclass THEN (
                       SELECT format('%I FROM %I', pg_get_userbyid(m.roleid), pg_get_userbyid(m.member))
                       FROM pg_auth_members m WHERE to_jsonb(m) ->> 'oid' = s.objid::text) END, ''),
               coalesce(CASE WHEN s.dbid = 0 THEN pg_describe_object(s.classid, s.objid, s.objsubid) END, ''),
               count(*)::int, current_user::text
        FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid LEFT JOIN pg_database d ON d.oid = s.dbid
        WHERE s.refclassid = 'pg_authid'::regclass AND r.rolname = ANY ($1)
          AND (s.dbid = 0 OR $2 IS NULL OR d.datname <> $2)
          AND NOT (s.classid = 'pg_database'::regclass
                   AND s.objid IS NOT DISTINCT FROM (SELECT oid FROM pg_database WHERE datname = $2))
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        ORDER BY 1, 2, 6, 8
        """;

    // Since PostgreSQL 16, dropping or joining a role requires the ADMIN option on it. The portal received the option
    // when it created the role.
    private const string AttributesSql = """
        SELECT 'holder_role_superuser', r.rolname::text, me.rolname::text
        FROM pg_roles r, pg_roles me
        WHERE r.rolname = ANY ($1) AND me.rolname = current_user AND NOT me.rolsuper AND r.rolsuper
        UNION ALL
        SELECT 'holder_role_admin', r.rolname::text, me.rolname::text
        FROM pg_roles r, pg_roles me
        WHERE r.rolname = ANY ($1) AND me.rolname = current_user AND NOT me.rolsuper
          AND current_setting('server_version_num')::int >= 160000
          AND NOT pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')
        ORDER BY 2, 1
        """;

    // Before PostgreSQL 16, only a superuser can alter a role that has one of these attributes.
    private const string ClosingSql = """
        SELECT 'holder_role_attributes', r.rolname::text, me.rolname::text
        FROM pg_roles r, pg_roles me
        WHERE r.rolname = ANY ($1) AND me.rolname = current_user AND NOT me.rolsuper
          AND current_setting('server_version_num')::int < 160000 AND (r.rolreplication OR r.rolbypassrls)
        """;

    // To revoke a grant, the portal becomes a member of the owners of the granted objects.
    private const string OwnersSql = """
        SELECT DISTINCT r.rolname::text
        FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid JOIN pg_database d ON d.oid = s.dbid
        WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND d.datname = ANY ($1)
          AND shobj_description(r.oid, 'pg_authid') LIKE $2
        """;

    // Finds three kinds of prepared transactions: those of the role itself in another database, those that have granted
    // a right to it (they hold the role's lock, and DROP ROLE would wait for it), and those in a database in which
    // rights must be revoked (they may hold exactly those rows).
    private const string PreparedSql = """
        SELECT x.gid, x.database::text, x.owner::text
        FROM pg_prepared_xacts x
        WHERE x.database IS DISTINCT FROM $2 AND (x.owner = ANY ($1) OR x.database = ANY ($3) OR EXISTS (
            SELECT FROM pg_locks t JOIN pg_locks l ON l.virtualtransaction = t.virtualtransaction AND l.pid IS NULL
            WHERE t.locktype = 'transactionid' AND t.pid IS NULL AND t.transactionid = x.transaction
              AND l.locktype = 'object' AND l.classid = 'pg_authid'::regclass
              AND l.objid IN (SELECT oid FROM pg_roles WHERE rolname = ANY ($1))))
        ORDER BY 2, 1
        """;

    // Finds open transactions that grant a right to the role in sessions that only a superuser may end.
    private const string GrantingSql = """
        SELECT DISTINCT a.pid::text, a.usename::text, a.datname::text
        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_roles r ON r.oid = a.usesysid
             JOIN pg_roles me ON me.rolname = current_user
        WHERE l.locktype = 'object' AND l.classid = 'pg_authid'::regclass AND l.granted
          AND l.objid IN (SELECT oid FROM pg_roles WHERE rolname = ANY ($1))
          AND r.rolsuper AND NOT me.rolsuper AND a.datname IS NOT NULL
        ORDER BY 1
        """;

    /// <summary>Finds everything that depends on the given roles.</summary>
    /// <param name="session">A maintenance session of the portal's role.</param>
    /// <param name="roles">The names of login roles of the portal.</param>
    /// <param name="heir">
    /// The role that receives the objects of these roles, if any. The portal must be able to administer it too.
    /// </param>
    /// <param name="ownDatabase">
    /// The database that is dropped or emptied before the roles are dropped. Objects in it hold nothing, and the
    /// statements keep the right of the roles to connect to it. Null when there is none.
    /// </param>
    /// <param name="masterId">The id of this master. Databases with its marker belong to the portal.</param>
    public static async Task<RoleHolders> ReadAsync(
        NpgsqlConnection session, string[] roles, string? heir, string? ownDatabase, Guid masterId,
        CancellationToken cancellationToken)
    {
        var persons = new List<Message>();
        var (inside, on) = (new List<(string Database, Message)>(), new SortedSet<string>(StringComparer.Ordinal));
        object own = ownDatabase is null ? DBNull.Value : ownDatabase;
        object[] values = [roles, own, DatabaseMarker.DatabasePattern(masterId)];
        foreach (var row in await ListAsync(session, DependenciesSql, values, cancellationToken))
        {
            var found = Dependency.Of(row);
            if (found is { IsGrant: true, IsOurs: true, IsShared: true })
            {
                on.Add(found.SharedName);
            }
            else if (found is { IsGrant: true, IsOurs: true })
            {
                inside.Add((found.Database, found.Describe(ownDatabase)));
            }
            else
            {
                persons.Add(found.Describe(ownDatabase));
            }
        }

        // Open transactions come first, because the statements that clear the other holders would wait for them.
        string[] listing = [.. inside.Select(i => i.Database)];
        persons.InsertRange(0, await ReadOpenTransactionsAsync(session, roles, own, listing, cancellationToken));
        object[] owners = [listing, DatabaseMarker.RolePattern(masterId)];
        string[] joined = [.. roles,
            .. (await ListAsync(session, OwnersSql, owners, cancellationToken)).Select(r => (string)r[0])];
        joined = heir is null ? joined : [.. joined, heir];
        persons.InsertRange(
            0, await ReadAttributesAsync(session, AttributesSql, [.. joined.Distinct()], cancellationToken));
        return new RoleHolders(persons, inside, [.. on]);
    }

    /// <summary>
    /// Finds what keeps the portal from revoking LOGIN from one of its roles. Must run on a maintenance session of the
    /// portal's role.
    /// </summary>
    public static async Task<IReadOnlyList<Message>> ReadForClosingAsync(
        NpgsqlConnection session, string role, CancellationToken cancellationToken) =>
        [
            .. await ReadAttributesAsync(session, AttributesSql, [role], cancellationToken),
            .. await ReadAttributesAsync(session, ClosingSql, [role], cancellationToken),
        ];

    private static async Task<List<Message>> ReadAttributesAsync(
        NpgsqlConnection session, string sql, string[] roles, CancellationToken cancellationToken)
    {
        var found = new List<Message>();
        foreach (var row in await ListAsync(session, sql, [roles], cancellationToken))
        {
            var (role, portal) = (SqlIdentifier.Quote((string)row[1]), SqlIdentifier.Quote((string)row[2]));
            var statement = (string)row[0] switch
            {
                "holder_role_superuser" => $"ALTER ROLE {role} NOSUPERUSER;",
                "holder_role_attributes" => $"ALTER ROLE {role} NOREPLICATION NOBYPASSRLS;",
                _ => $"GRANT {role} TO {portal} WITH ADMIN OPTION;",
            };
            found.Add(new Message((string)row[0], DatabaseHolders.Anywhere, statement, (string)row[1]));
        }

        return found;
    }

    private static async Task<List<Message>> ReadOpenTransactionsAsync(
        NpgsqlConnection session, string[] roles, object own, string[] listing, CancellationToken cancellationToken)
    {
        var found = new List<Message>();
        foreach (var row in await ListAsync(session, PreparedSql, [roles, own, listing], cancellationToken))
        {
            var (gid, database, owner) = ((string)row[0], (string)row[1], (string)row[2]);
            found.Add(new Message(
                "holder_role_prepared_transaction", database, $"ROLLBACK PREPARED {SqlLiteral.Quote(gid)};", database,
                gid, owner));
        }

        foreach (var row in await ListAsync(session, GrantingSql, [roles], cancellationToken))
        {
            var (process, user, database) = ((string)row[0], (string)row[1], (string)row[2]);
            found.Add(new Message(
                "holder_role_session", DatabaseHolders.Anywhere, $"SELECT pg_terminate_backend({process});", database,
                process, user));
        }

        return found;
    }

    private static async Task<List<object[]>> ListAsync(
        NpgsqlConnection session, string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session);
        foreach (var value in values)
        {
            command.Parameters.Add(
                new()
                {
                    Value = value,
                    NpgsqlDbType = NpgsqlDbType.Text | (value is string[]? NpgsqlDbType.Array : 0)
                });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<object[]>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }

        return rows;
    }

    // IsOurs: the object is in a database of the portal, or is one.
    private sealed record Dependency(
        string Role, string Database, string DatabaseOwner, bool IsOurs, bool IsGrant, string SharedClass,
        string SharedName,
        string SharedObject, int Count, string Portal)
    {
        public bool IsShared => SharedClass.Length > 0;

        public static Dependency Of(object[] row) => new(
            (string)row[0], (string)row[1], (string)row[2], (bool)row[3], (bool)row[4], (string)row[5], (string)row[6],
            (string)row[7], (int)row[8], (string)row[9]);

        public Message Describe(string? ownDatabase)
        {
            var (role, count) =
                (SqlIdentifier.Quote(Role), Count.ToString(System.Globalization.CultureInfo.InvariantCulture));

            // DROP OWNED also revokes rights on shared objects, including the right to connect to the tenant's own
            // database.
            var connect = ownDatabase is null ? ""
                : $" GRANT CONNECT ON DATABASE {SqlIdentifier.Quote(ownDatabase)} TO {role};";
            if (!IsShared)
            {
                // The role's objects are first given to the owner of the database, so that DROP OWNED only revokes
                // rights.
                var keep = IsGrant ? "" : $"REASSIGN OWNED BY {role} TO {SqlIdentifier.Quote(DatabaseOwner)}; ";
                var code = IsGrant ? "holder_role_grants" : "holder_role_owns";
                return new Message(code, Database, $"{keep}DROP OWNED BY {role};{connect}", Role, Database, count);
            }

            return new Message(
                IsGrant ? "holder_role_grants_shared" : "holder_role_owns_shared", DatabaseHolders.Anywhere,
                RemedyOf(role, connect), Role,
                SharedObject);
        }

        private string RemedyOf(string role, string connect)
        {
            // A parameter of an extension has a dot in its name.
            string[] parts = SharedClass == "pg_parameter_acl" ? SharedName.Split('.') : [SharedName];
            var name = string.Join('.', parts.Where(n => n.Length > 0).Select(SqlIdentifier.Quote));
            return (SharedClass, IsGrant) switch
            {
                ("pg_database", true) => $"REVOKE ALL ON DATABASE {name} FROM {role};",
                ("pg_tablespace", true) => $"REVOKE ALL ON TABLESPACE {name} FROM {role};",
                ("pg_parameter_acl", true) => $"REVOKE ALL ON PARAMETER {name} FROM {role};",

                // The role granted a membership. The two names are already quoted.
                ("pg_auth_members", true) => $"REVOKE {SharedName} GRANTED BY {role};",
                ("pg_database", false) =>
                    $"ALTER DATABASE {name} OWNER TO {(IsOurs ? SqlIdentifier.Quote(Portal) : "CURRENT_USER")};",
                ("pg_tablespace", false) => $"ALTER TABLESPACE {name} OWNER TO CURRENT_USER;",

                // Keeps the role's objects in the database in which the statement runs.
                (_, true) => $"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role};{connect}",
                _ => $"REASSIGN OWNED BY {role} TO CURRENT_USER;",
            };
        }
    }
}
