using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Lifecycle.Isolation;

/// <summary>
/// All probes inside the tenant's own database, as data. A statement that got through would be rolled back, and does no
/// harm even if it can't be: the only program is <c>cat</c>, the only file is <c>/dev/null</c>, and the only session is
/// one of ours made for this purpose.
/// </summary>
internal static class ProbeCatalogue
{
    public const string ConnectTenant = "connect_tenant";
    public const string ConnectTrash = "connect_trash";
    public const string ConnectMaintenance = "connect_maintenance";
    public const string ConnectForeign = "connect_foreign";

    /// <summary>
    /// A database that the portal has a row for but that does not carry its marker: it was restored without its
    /// properties, or another database has its name.
    /// </summary>
    public const string ConnectUnmanaged = "connect_unmanaged";

    /// <summary>
    /// The role that owns an adopted database, if it is not the portal's: a person accepted that the product keeps it.
    /// </summary>
    public const string OwnedFromOutside = "owned_from_outside";
    public const string HoldsConnect = "holds_connect";
    public const string PublicGrants = "public_grants";
    public const string AlterDatabase = "alter_database";
    public const string GrantsToOthers = "grants_to_others";
    public const string GrantedElsewhere = "granted_elsewhere";

    /// <summary>Codes of attempts that open a connection instead of running a statement.</summary>
    public static readonly IReadOnlyList<string> Connections =
    [
        ConnectTenant, ConnectTrash, "connect_template", "connect_spare", "connect_scratch", "connect_beside",
        "connect_replaced", "connect_master", ConnectMaintenance, ConnectForeign, ConnectUnmanaged,
        "wrong_password", "empty_password", "replication_connection", "own_login",
    ];

    // Queries for attributes and rights of the role. They also find what a sample of databases would miss.
    private static readonly Probe[] Attributes =
    [
        Look("role_attributes",
            """
            SELECT NULL, a.name FROM pg_roles, LATERAL (VALUES
                ('SUPERUSER', rolsuper), ('CREATEDB', rolcreatedb), ('CREATEROLE', rolcreaterole),
                ('REPLICATION', rolreplication), ('BYPASSRLS', rolbypassrls)) AS a (name, held)
            WHERE rolname = current_user AND a.held
            """),
        Look("no_connection_limit",
            "SELECT NULL, '-1' FROM pg_roles WHERE rolname = current_user AND rolconnlimit = -1"),
        Look("member_of",
            $"""
            WITH RECURSIVE held AS (
                SELECT m.roleid FROM pg_auth_members m
                WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user)
                UNION SELECT m.roleid FROM pg_auth_members m JOIN held ON m.member = held.roleid)
            SELECT r.rolname, NULL FROM held JOIN pg_roles r ON r.oid = held.roleid
            WHERE r.rolname <> {SqlLiteral.Quote(RoleDdl.TenantGroup)} ORDER BY 1 LIMIT 20
            """),
        Look(HoldsConnect,
            """
            SELECT datname, 'CONNECT' FROM pg_database
            WHERE datname = ANY ($1) AND datname <> current_database() AND has_database_privilege(oid, 'CONNECT')
            ORDER BY 1 LIMIT 20
            """),
        Look(PublicGrants,
            """
            SELECT d.datname, string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
            FROM pg_database d, LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS a
            WHERE a.grantee = 0 AND d.datname = ANY ($1) GROUP BY d.datname ORDER BY 1 LIMIT 20
            """),
        Look("owns",
            """
            SELECT classid::regclass::text, string_agg(objid::text, ', ')
            FROM pg_shdepend
            WHERE refclassid = 'pg_authid'::regclass
              AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
              AND deptype = 'o' AND NOT (classid IN ('pg_largeobject'::regclass, 'pg_default_acl'::regclass)
                                         AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
            GROUP BY classid ORDER BY 1
            """),
        Look(OwnedFromOutside,
            """
            SELECT pg_get_userbyid(d.datdba)::text, NULL FROM pg_database d JOIN pg_roles o ON o.oid = d.datdba
            WHERE d.datname = current_database() AND o.rolname <> $1
            """) with { AsksForPortalRole = true },
        Look("default_privileges",
            """
            SELECT NULL, count(*)::text FROM pg_default_acl
            WHERE defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user) HAVING count(*) > 0
            """) with { Cleans = true },
        Look(GrantsToOthers,
            """
            SELECT r.rolname, string_agg(DISTINCT s.classid::regclass::text, ', ')
            FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
            WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype <> 'o'
              AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND shobj_description(r.oid, 'pg_authid') LIKE 'vigia:%:role:%' AND r.rolname <> ALL ($1)
            GROUP BY r.rolname ORDER BY 1 LIMIT 20
            """) with { Cleans = true, AsksForOwnRoles = true },
        Look(GrantedElsewhere,
            """
            SELECT d.datname, string_agg(DISTINCT s.classid::regclass::text, ', ')
            FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid
            WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype <> 'o'
              AND s.refobjid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
              AND d.datname <> current_database()
            GROUP BY d.datname ORDER BY 1 LIMIT 20
            """) with { Cleans = true },
        Look("table_rights",
            """
            SELECT c.oid::regclass::text, string_agg(p, ', ')
            FROM pg_class c, unnest(ARRAY['TRUNCATE', 'TRIGGER', 'REFERENCES']) AS p
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, p)
            GROUP BY c.oid ORDER BY 1 LIMIT 20
            """),
        Look("protected_tables",
            """
            SELECT t.name, string_agg(p, ', ')
            FROM (VALUES ('tenant_limits', 'INSERT,UPDATE,DELETE'), ('tenant_usage', 'INSERT,UPDATE,DELETE'),
                         ('user_roles', 'INSERT,UPDATE,DELETE'), ('roles', 'INSERT,UPDATE,DELETE'),
                         ('__EFMigrationsHistory', 'INSERT,UPDATE,DELETE'), ('audit_log', 'UPDATE,DELETE')
                 ) AS t (name, rights),
                 unnest(string_to_array(t.rights, ',')) AS p,
                 LATERAL (SELECT to_regclass('public.' || quote_ident(t.name)) AS oid) AS c
            WHERE c.oid IS NOT NULL
              AND CASE p WHEN 'DELETE' THEN has_table_privilege(c.oid, p) ELSE has_any_column_privilege(c.oid, p) END
            GROUP BY t.name ORDER BY 1
            """),
        Look("definer_functions",
            """
            SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner)
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prosecdef AND p.prorettype <> 'trigger'::regtype
              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
              AND has_schema_privilege(n.oid, 'USAGE') AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1 LIMIT 20
            """),
        Look("others_queries",
            """
            SELECT coalesce(usename, '-'), NULL FROM pg_stat_activity
            WHERE usename <> current_user AND query NOT IN ('', '<insufficient privilege>')
            GROUP BY 1 ORDER BY 1 LIMIT 20
            """),
    ];

    // PostgreSQL checks rights before it looks for rows, so statements that would change rows affect none.
    private static readonly Probe[] Tries =
    [
        new("read_server_file", "SELECT pg_read_file('PG_VERSION')"),
        new("list_server_directory", "SELECT pg_ls_dir('.')"),
        new("copy_to_program", "COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'"),
        new("copy_to_file", "COPY (SELECT 1) TO '/dev/null'"),
        new("copy_from_file", "COPY public.users FROM '/dev/null'"),
        new("import_large_object", "SELECT lo_import('/dev/null')"),
        new("export_large_object",
            "SELECT lo_create((4294967295 - pg_backend_pid()::bigint)::oid); "
            + "SELECT lo_export((4294967295 - pg_backend_pid()::bigint)::oid, '/dev/null')"),
        OnLargeObjects("read_large_object", "lo_get(oid)"),
        OnLargeObjects("remove_large_object", "lo_unlink(oid)"),
        new("load_library", "LOAD 'plpgsql'"),
        new("create_role", "CREATE ROLE vigia_proof"),
        new("alter_own_role", "ALTER ROLE CURRENT_USER SUPERUSER"),
        new("create_table", "CREATE TABLE public.vigia_proof ()"),
        new("create_schema", "CREATE SCHEMA vigia_proof"),
        new("create_temp_table", "CREATE TEMPORARY TABLE vigia_proof ()"),
        new("create_function", "CREATE FUNCTION public.vigia_proof() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        new("create_wrapper", "CREATE FOREIGN DATA WRAPPER vigia_proof"),
        Extension("dblink"),
        Extension("postgres_fdw"),
        Extension("file_fdw"),
        new("dblink_connect",
            "SELECT dblink_connect('dbname=postgres')") { AppliesIf =
            "SELECT to_regproc('dblink_connect') IS NOT NULL" },
        OnTable("add_column", "users", "ALTER TABLE public.users ADD COLUMN vigia_proof int"),
        OnTable("drop_table", "users", "DROP TABLE public.users CASCADE"),
        OnTable("disable_triggers", "users", "ALTER TABLE public.users DISABLE TRIGGER USER"),
        OnTable("disable_triggers", "audit_log", "ALTER TABLE public.audit_log DISABLE TRIGGER USER"),
        OnTable("truncate", "audit_log", "TRUNCATE public.audit_log"),
        OnTable("truncate", "tenant_limits", "TRUNCATE public.tenant_limits"),
        OnTable("change_limits", "tenant_limits", "UPDATE public.tenant_limits SET max_usuarios = NULL WHERE false"),
        OnTable("change_limits", "tenant_usage", "UPDATE public.tenant_usage SET usado = 0 WHERE false"),
        OnTable("grant_role", "user_roles",
            "INSERT INTO public.user_roles SELECT * FROM public.user_roles WHERE false"),
        OnTable("change_audit_log", "audit_log", "UPDATE public.audit_log SET created_at = now() WHERE false"),
        OnTable("change_audit_log", "audit_log",
            "INSERT INTO public.audit_log (id, actor, action) OVERRIDING SYSTEM VALUE SELECT 0, '', '' WHERE false"),
        OnTable("delete_audit_log", "audit_log", "DELETE FROM public.audit_log WHERE false"),
        new("read_passwords", "SELECT rolpassword FROM pg_authid LIMIT 1"),
        new("read_shadow", "SELECT passwd FROM pg_shadow LIMIT 1"),
        new("read_hba", "SELECT * FROM pg_hba_file_rules LIMIT 1"),
        new("create_publication", "CREATE PUBLICATION vigia_proof"),
        new("create_subscription",
            "CREATE SUBSCRIPTION vigia_proof CONNECTION 'dbname=vigia_proof' PUBLICATION vigia_proof "
            + "WITH (connect = false)"),
        new("replication_slot",
            "SELECT pg_create_logical_replication_slot('vigia_proof_' || pg_backend_pid(), 'pgoutput', true)"),
        new("replication_role", "SET session_replication_role = replica"),
        new("server_setting", "SET log_statement = 'none'"),
    ];

    /// <summary>All codes that an attempt can have, for their translation.</summary>
    public static IReadOnlyList<string> Codes =>
        [.. Connections.Concat(Attributes.Concat(Tries).Select(p => p.Code))
            .Concat(["set_role", "session_authorization", "alter_role", AlterDatabase, "comment_database",
            "terminate_session", OutsideRoleProbes.Connect, OutsideRoleProbes.Beyond,
            OutsideRoleProbes.Wide, OutsideRoleProbes.Without, OutsideRoleProbes.Unlisted]).Distinct()];

    /// <summary>
    /// Returns the probes for the tenant's own database. <paramref name="victim"/> is the process id of a session of
    /// the portal that may be terminated.
    /// </summary>
    public static IEnumerable<Probe> For(ProofScope scope, int victim)
    {
        // The marker check already verifies the owner of databases that were not adopted.
        foreach (var probe in Attributes.Concat(Tries).Where(p => p.Code != OwnedFromOutside || scope.KeepsOwner))
        {
            yield return probe;
        }

        foreach (var probe in scope.OutsideRoles.SelectMany(role => OutsideRoleProbes.Of(role.Purpose, role.Name)))
        {
            yield return probe;
        }

        yield return OutsideRoleProbes.Others(scope.OutsideRoles.Select(role => role.Name));
        foreach (var role in scope.Roles)
        {
            yield return new Probe(
                "set_role", "SET ROLE " + SqlIdentifier.Quote(role))
            { Target = role, MayVanish = true };
        }

        yield return new Probe(
            "session_authorization",
            "SET SESSION AUTHORIZATION " + SqlIdentifier.Quote(scope.PortalRole))
        { Target = scope.PortalRole };
        foreach (var role in scope.OtherTenantsRoles.Prepend(scope.PortalRole))
        {
            yield return new Probe(
                "alter_role", "ALTER ROLE " + SqlIdentifier.Quote(role) + " VALID UNTIL 'infinity'")
            {
                Target = role,
                MayVanish = true
            };
        }

        foreach (var database in scope.Databases.Where(d => d.Code is ConnectTenant or "connect_master")
            .Select(d => d.Name).Prepend(scope.Database))
        {
            yield return new Probe(
                AlterDatabase, "ALTER DATABASE " + SqlIdentifier.Quote(database) + " SET work_mem = '4MB'")
            {
                Target =
                database, MayVanish = true
            };
        }

        yield return new Probe(
            "comment_database", "COMMENT ON DATABASE " + SqlIdentifier.Quote(scope.Database) + " IS 'vigia'");
        yield return new Probe(
            "terminate_session", $"SELECT pg_terminate_backend({victim})")
        { Target = scope.PortalRole };
    }

    /// <summary>
    /// Whether an error is an expected refusal: a missing right, or a rule that only certain roles may do this.
    /// </summary>
    public static bool IsRefusal(PostgresException error) => error.SqlState is
        PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidAuthorizationSpecification
            or PostgresErrorCodes.InvalidPassword
        || (error.SqlState == "2F003" && error.Routine?.StartsWith("dblink", StringComparison.Ordinal) == true);

    private static Probe Look(string code, string sql) => new(code, sql) { Looks = true };

    private static Probe Extension(string name) =>
        new("create_extension", "CREATE EXTENSION " + SqlIdentifier.Quote(name))
        {
            Target = name,
            AppliesIf = $"SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = {SqlLiteral.Quote(name)} "
                + "AND installed_version IS NULL)",
        };

    private static Probe OnTable(string code, string table, string sql) => new(code, sql)
    {
        Target = table,
        AppliesIf = $"SELECT to_regclass('public.' || {SqlLiteral.Quote(table)}) IS NOT NULL",
    };

    private static Probe OnLargeObjects(string code, string call)
    {
        const string Others =
            "FROM pg_largeobject_metadata WHERE lomowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user)";
        return new Probe(code, $"SELECT {call} {Others} LIMIT 1") { AppliesIf = $"SELECT EXISTS (SELECT {Others})" };
    }
}
