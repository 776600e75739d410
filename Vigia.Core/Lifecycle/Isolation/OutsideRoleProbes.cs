using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// Looks at the roles of PRODUCT_DB_ROLE and PGBOUNCER_AUTH_ROLE. Their access to the tenant's database is wanted, and
/// the proof names it. Everything beyond it is a finding. The portal has no password of theirs, so it reads the
/// catalogue, which every role can read.
/// </summary>
internal static class OutsideRoleProbes
{
    public const string Connect = "outside_role";
    public const string Beyond = "outside_role_beyond";

    /// <summary>
    /// Rights on the whole server that the role should not have. Every tenant has the same finding, so it stops no new
    /// one.
    /// </summary>
    public const string Wide = "outside_role_wide";

    /// <summary>A wanted role can't connect: it is missing, or the operation that lets it in has not ended.</summary>
    public const string Without = "outside_role_without";

    /// <summary>A role can connect that neither the portal nor its settings have let in.</summary>
    public const string Unlisted = "outside_role_unlisted";

    // Rights on this database besides CONNECT, and what the role owns or was granted inside it.
    private const string BeyondSql = """
        WITH me AS (SELECT * FROM pg_roles WHERE rolname = {0})
        SELECT {0}, a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
            FROM me, pg_database d, LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
            WHERE d.datname = current_database() AND a.grantee = me.oid
              AND (a.privilege_type <> 'CONNECT' OR a.is_grantable)
        UNION ALL SELECT {0}, s.classid::regclass::text || ' ' || s.objid FROM me
            JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = me.oid
            WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND NOT ({2})
        ORDER BY 2 LIMIT 20
        """;

    // Attributes, groups, the right to let others into the group, members, and rights on things that belong to no
    // tenant: databases without a marker such as the master, tablespaces, parameters.
    private const string WideSql = """
        WITH RECURSIVE me AS (SELECT * FROM pg_roles WHERE rolname = {0}),
        held AS (
            SELECT m.roleid FROM pg_auth_members m JOIN me ON m.member = me.oid
            UNION SELECT m.roleid FROM pg_auth_members m JOIN held ON m.member = held.roleid)
        SELECT {0}, a.name FROM me, LATERAL (VALUES
            ('SUPERUSER', rolsuper), ('CREATEDB', rolcreatedb), ('CREATEROLE', rolcreaterole),
            ('REPLICATION', rolreplication), ('BYPASSRLS', rolbypassrls)) AS a (name, has) WHERE a.has
        UNION ALL SELECT {0}, 'GRANT ' || r.rolname FROM held JOIN pg_roles r ON r.oid = held.roleid
            WHERE r.rolname <> {1}
        UNION ALL SELECT {0}, 'ADMIN OPTION ' || r.rolname FROM me JOIN pg_auth_members m ON m.member = me.oid
            JOIN pg_roles r ON r.oid = m.roleid WHERE m.admin_option
        UNION ALL SELECT {0}, 'MEMBER ' || r.rolname FROM me JOIN pg_auth_members m ON m.roleid = me.oid
            JOIN pg_roles r ON r.oid = m.member WHERE NOT r.rolsuper
        UNION ALL SELECT {0}, a.privilege_type || ' ON DATABASE ' || d.datname FROM me, pg_database d,
            LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
            WHERE d.datname = ANY ($1) AND d.datname <> current_database() AND a.grantee = me.oid
              AND coalesce(shobj_description(d.oid, 'pg_database'), '') NOT LIKE 'vigia:%'
        UNION ALL SELECT {0}, s.classid::regclass::text || ' ' || s.objid FROM me
            JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = me.oid
            WHERE s.dbid = 0 AND s.classid IN ('pg_tablespace'::regclass, to_regclass('pg_parameter_acl'))
        ORDER BY 2 LIMIT 20
        """;

    private const string ConnectSql = """
        SELECT {0}, 'CONNECT' FROM pg_roles r, pg_database d, LATERAL aclexplode(d.datacl) AS a
        WHERE r.rolname = {0} AND d.datname = current_database() AND a.grantee = r.oid
          AND a.privilege_type = 'CONNECT'
        """;

    private const string WithoutSql = """
        SELECT {0}, 'CONNECT' WHERE NOT EXISTS (
            SELECT FROM pg_roles r, pg_database d, LATERAL aclexplode(d.datacl) AS a
            WHERE r.rolname = {0} AND d.datname = current_database() AND a.grantee = r.oid
              AND a.privilege_type = 'CONNECT')
        """;

    private const string UnlistedSql = """
        SELECT r.rolname, 'CONNECT' FROM pg_database d,
            LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a JOIN pg_roles r ON r.oid = a.grantee
        WHERE d.datname = current_database() AND a.privilege_type = 'CONNECT' AND NOT r.rolsuper
          AND r.oid <> d.datdba AND coalesce(shobj_description(r.oid, 'pg_authid'), '') NOT LIKE 'vigia:%'
          AND r.rolname <> ALL (ARRAY[{0}]::name[])
        ORDER BY 1 LIMIT 20
        """;

    // A pooler may use the schema and call its function, and nothing else in there.
    private const string OfPooler = """
        s.deptype = 'a' AND (
            s.classid = 'pg_namespace'::regclass
                AND s.objid = (SELECT oid FROM pg_namespace WHERE nspname = 'vigia_pooler')
            OR s.classid = 'pg_proc'::regclass
                AND s.objid IN (SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                                WHERE n.nspname = 'vigia_pooler' AND p.proname = 'find_log_in'))
        """;

    /// <summary>The probes of one role. <paramref name="purpose"/> is the stored text.</summary>
    public static IEnumerable<Probe> Of(string purpose, string role)
    {
        var isProduct = purpose == Code(OutsidePurpose.Product);
        var name = SqlLiteral.Quote(role);
        var group = isProduct ? SqlLiteral.Quote(RoleDdl.TenantGroup) : "''";
        yield return new Probe(Connect, Fill(ConnectSql, name, group, "false"))
        {
            Target = role, Looks = true, Wants = true,
        };
        yield return new Probe(Beyond, Fill(BeyondSql, name, group, isProduct ? "false" : OfPooler))
        {
            Target = role, Looks = true,
        };
        yield return new Probe(Wide, Fill(WideSql, name, group, "false")) { Target = role, Looks = true };
        yield return new Probe(Without, Fill(WithoutSql, name, group, "false")) { Target = role, Looks = true };
    }

    /// <summary>The probe for roles that are none of the wanted ones.</summary>
    public static Probe Others(IEnumerable<string> wanted) => new(
        Unlisted, Fill(UnlistedSql, string.Join(", ", wanted.Select(SqlLiteral.Quote)), "", ""))
    {
        Looks = true,
    };

    // No format of .NET: a quoted name may contain braces.
    private static string Fill(string sql, string name, string group, string allowed) =>
        sql.Replace("{2}", allowed, StringComparison.Ordinal).Replace("{1}", group, StringComparison.Ordinal)
            .Replace("{0}", name, StringComparison.Ordinal);

#pragma warning disable CA1308 // Lower case is the stored form.
    private static string Code(OutsidePurpose purpose) => purpose.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
