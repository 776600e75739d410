using Npgsql;
using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Postgres;
using Vigia.Tests.Infrastructure;

namespace Vigia.Tests.Lifecycle.Isolation;

/// <summary>
/// Breaks the isolation on purpose in all known ways. The proof finds and names each one, and holds again after it is
/// repaired.
/// </summary>
public sealed class BrokenOnPurposeTests(PostgresServer server) : IsolationTestBase(server)
{
    // {own}, {other}, {master}, {template} are databases, {role} and {otherrole} are login roles. The fields are the
    // database, the statement that breaks the isolation, the statement that repairs it, and the expected findings.
    private static readonly (string Where, string Break, string Mend, string[] Found)[] Ways =
    [
        ("postgres", "GRANT CONNECT ON DATABASE {other} TO PUBLIC", "REVOKE CONNECT ON DATABASE {other} FROM PUBLIC",
            ["connect_tenant {other}", "public_grants {other}", "holds_connect {other}"]),
        ("postgres", "GRANT CONNECT ON DATABASE {other} TO {role}", "REVOKE CONNECT ON DATABASE {other} FROM {role}",
            ["connect_tenant {other}", "holds_connect {other}"]),
        ("postgres", "GRANT CONNECT ON DATABASE {master} TO PUBLIC", "REVOKE CONNECT ON DATABASE {master} FROM PUBLIC",
            ["connect_master {master}", "public_grants {master}"]),
        ("postgres", "GRANT TEMPORARY ON DATABASE {own} TO PUBLIC", "REVOKE TEMPORARY ON DATABASE {own} FROM PUBLIC",
            ["create_temp_table", "public_grants {own}"]),
        ("postgres", "GRANT CONNECT ON DATABASE {template} TO {role}; ALTER DATABASE {template} ALLOW_CONNECTIONS true",
            "ALTER DATABASE {template} ALLOW_CONNECTIONS false; REVOKE CONNECT ON DATABASE {template} FROM {role}",
            ["connect_template {template}"]),
        ("postgres", "ALTER ROLE {role} SUPERUSER", "ALTER ROLE {role} NOSUPERUSER",
            ["role_attributes", "read_server_file", "copy_to_program", "copy_from_file", "create_role",
                "set_role vigia_portal", "read_passwords", "connect_tenant {other}", "terminate_session vigia_portal",
                "truncate tenant_limits"]),
        ("postgres", "ALTER ROLE {role} CREATEROLE", "ALTER ROLE {role} NOCREATEROLE",
            ["role_attributes", "create_role"]),
        ("postgres", "ALTER ROLE {role} REPLICATION BYPASSRLS", "ALTER ROLE {role} NOREPLICATION NOBYPASSRLS",
            ["role_attributes"]),
        ("postgres", "ALTER ROLE {role} CONNECTION LIMIT -1", "ALTER ROLE {role} CONNECTION LIMIT 100",
            ["no_connection_limit"]),
        ("postgres", "GRANT {otherrole} TO {role}", "REVOKE {otherrole} FROM {role}",
            ["member_of {otherrole}", "set_role {otherrole}", "connect_tenant {other}"]),
        ("postgres", "GRANT vigia_portal TO {role}", "REVOKE vigia_portal FROM {role}",
            ["member_of vigia_portal", "set_role vigia_portal", "connect_master {master}", "disable_triggers users"]),
        ("postgres", "GRANT pg_read_server_files TO {role}", "REVOKE pg_read_server_files FROM {role}",
            ["member_of pg_read_server_files", "copy_from_file"]),
        ("postgres", "GRANT pg_write_server_files TO {role}", "REVOKE pg_write_server_files FROM {role}",
            ["copy_to_file"]),
        ("postgres", "GRANT pg_execute_server_program TO {role}", "REVOKE pg_execute_server_program FROM {role}",
            ["copy_to_program"]),
        ("postgres", "GRANT pg_signal_backend TO {role}", "REVOKE pg_signal_backend FROM {role}",
            ["terminate_session vigia_portal"]),
        ("postgres", "GRANT pg_read_all_stats TO {role}", "REVOKE pg_read_all_stats FROM {role}",
            ["others_queries vigia_portal"]),
        ("postgres", "ALTER DATABASE {own} OWNER TO {role}",
            "ALTER DATABASE {own} OWNER TO vigia_portal; REVOKE ALL ON DATABASE {own} FROM PUBLIC; "
                + "GRANT CONNECT ON DATABASE {own} TO {role}",
            ["alter_database {own}", "comment_database", "create_publication", "owns pg_database"]),
        ("{own}", "GRANT TRUNCATE ON users TO {role}", "REVOKE TRUNCATE ON users FROM {role}", ["table_rights users"]),
        ("{own}", "GRANT TRUNCATE ON tenant_limits TO vigia_tenant",
            "REVOKE TRUNCATE ON tenant_limits FROM vigia_tenant",
            ["truncate tenant_limits", "table_rights tenant_limits"]),
        ("{own}", "ALTER TABLE users OWNER TO {role}", "ALTER TABLE users OWNER TO vigia_portal",
            ["disable_triggers users", "add_column users", "owns pg_class"]),
        ("{own}", "GRANT UPDATE ON tenant_limits TO vigia_tenant", "REVOKE UPDATE ON tenant_limits FROM vigia_tenant",
            ["change_limits tenant_limits", "protected_tables tenant_limits"]),
        ("{own}", "GRANT UPDATE (max_usuarios) ON tenant_limits TO PUBLIC",
            "REVOKE UPDATE (max_usuarios) ON tenant_limits FROM PUBLIC",
            ["change_limits tenant_limits", "protected_tables tenant_limits"]),
        ("{own}", "GRANT INSERT ON user_roles TO {role}", "REVOKE INSERT ON user_roles FROM {role}",
            ["grant_role user_roles"]),
        ("{own}", "GRANT DELETE ON audit_log TO {role}; DROP TRIGGER audit_log_append_only ON audit_log",
            "REVOKE DELETE ON audit_log FROM {role}; CREATE TRIGGER audit_log_append_only "
                + "BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            ["delete_audit_log audit_log", "protected_tables audit_log"]),
        ("{own}", "GRANT INSERT ON audit_log TO {role}", "REVOKE INSERT ON audit_log FROM {role}",
            ["change_audit_log audit_log"]),
        ("{own}", "GRANT INSERT (id, actor, action) ON audit_log TO PUBLIC",
            "REVOKE INSERT (id, actor, action) ON audit_log FROM PUBLIC", ["change_audit_log audit_log"]),
        ("{own}", "GRANT CREATE ON SCHEMA public TO vigia_tenant", "REVOKE CREATE ON SCHEMA public FROM vigia_tenant",
            ["create_table", "create_function"]),
        ("{own}", "GRANT CREATE ON DATABASE {own} TO {role}", "REVOKE CREATE ON DATABASE {own} FROM {role}",
            ["create_schema", "create_publication"]),
        ("{own}", "GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO PUBLIC",
            "REVOKE EXECUTE ON FUNCTION pg_ls_dir(text) FROM PUBLIC", ["list_server_directory"]),
        ("{own}", "GRANT EXECUTE ON FUNCTION lo_import(text) TO {role}",
            "REVOKE EXECUTE ON FUNCTION lo_import(text) FROM {role}", ["import_large_object"]),
        ("{own}",
            "CREATE FUNCTION public.leak() RETURNS text LANGUAGE sql SECURITY DEFINER "
                + "AS 'SELECT rolpassword FROM pg_authid LIMIT 1'",
            "DROP FUNCTION public.leak()", ["definer_functions leak()"]),
        ("{own}", "SELECT lo_create(4711); GRANT SELECT ON LARGE OBJECT 4711 TO PUBLIC", "SELECT lo_unlink(4711)",
            ["read_large_object"]),
        ("{own}", "SELECT lo_create(4712); ALTER ROLE {role} SET lo_compat_privileges = on",
            "SELECT lo_unlink(4712); ALTER ROLE {role} RESET lo_compat_privileges",
            ["remove_large_object", "read_large_object"]),
        ("{other}", "SELECT lo_create(4713); ALTER LARGE OBJECT 4713 OWNER TO {role}", "SELECT lo_unlink(4713)",
            ["owns pg_largeobject"]),
        ("postgres", "GRANT SET ON PARAMETER session_replication_role, log_statement TO {role}",
            "REVOKE SET ON PARAMETER session_replication_role, log_statement FROM {role}",
            ["replication_role", "server_setting"]),
    ];

    [Fact]
    public async Task Proof_EachKindOfBreak_IsNamedAndHoldsAgainAfterTheRepair()
    {
        var other = await ReadyAsync(NewName("otro"));
        var own = await ReadyAsync(NewName("propio"));
        var words = new Dictionary<string, string>
        {
            ["{own}"] = own.DatabaseName!,
            ["{other}"] = other.DatabaseName!,
            ["{master}"] = Host.Master.Database,
            ["{template}"] = (await Host.ScalarAsync<string>(
                Host.Master.Database, "SELECT name FROM portal.databases WHERE kind = 'template'"))!,
            ["{role}"] = (await RoleOfAsync(own))!,
            ["{otherrole}"] = (await RoleOfAsync(other))!,
        };
        var wrong = new List<string>();
        foreach (var (where, breaks, mends, found) in Ways)
        {
            try
            {
                await AsSuperuserAsync(Fill(where, words), Fill(breaks, words, quote: true));
            }
            catch (PostgresException e) when (
                e.SqlState == PostgresErrorCodes.InvalidGrantOperation
                && breaks.StartsWith("GRANT vigia_portal", StringComparison.Ordinal))
            {
                // From PostgreSQL 16 on, the creator of a role is a member of it, and the server refuses a circle of
                // memberships.
                continue;
            }

            var result = await TryAsync(own);
            await AsSuperuserAsync(Fill(where, words), Fill(mends, words, quote: true));

            var through = result.Attempts.Where(a => a.Outcome == AttemptOutcome.GotThrough)
                .Select(a => $"{a.Code} {a.Target}".TrimEnd()).ToHashSet();
            var missing = found.Select(f => Fill(f, words)).Where(f => !through.Contains(f)).ToList();
            if (missing.Count > 0 || result.Verdict != IsolationVerdict.Broken)
            {
                wrong.Add($"{breaks}: {result.Verdict}, not found: {string.Join(", ", missing)}; "
                    + $"found: {string.Join(", ", through)}");
            }

            // Every attempt that was possible before is possible now. Only the attempt with replication needs a server
            // that is configured for it.
            wrong.AddRange(result.Attempts.Where(a => a.IsUndecided && a.Code != "replication_slot")
                .Select(a => $"{breaks}: {a.Code} {a.Target} {a.SqlState} {a.Detail}"));
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        var mended = await TryAsync(own);
        Assert.True(mended.Verdict is IsolationVerdict.Reported or IsolationVerdict.Held, Lines(mended.Attempts));
    }

    private static string Fill(string text, Dictionary<string, string> words, bool quote = false) =>
        words.Aggregate(text,
            (filled, word) => filled.Replace(
            word.Key, quote ? SqlIdentifier.Quote(word.Value) : word.Value, StringComparison.Ordinal));
}
