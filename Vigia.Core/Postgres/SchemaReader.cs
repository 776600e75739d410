using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// Reads what schema <c>public</c> of a database has, from its catalogue alone: no statement reads a row of a table, so
/// no code of the tables' owner runs.
/// </summary>
public static class SchemaReader
{
    // Functions of others that PostgreSQL may run when it only plans a statement on the table: those in expressions of
    // indexes, checks, generated columns, statistics, policies and rules, and in the types of columns. A dependency on
    // what PostgreSQL has itself is not stored. An extension of a superuser's is trusted.
    private const string PlannedCode = """
        WITH RECURSIVE reached (class, object) AS (
            SELECT * FROM (
                SELECT 'pg_class'::regclass::oid, c.oid
                UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM pg_index WHERE indrelid = c.oid
                UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conrelid = c.oid
                UNION ALL SELECT 'pg_policy'::regclass, oid FROM pg_policy WHERE polrelid = c.oid
                UNION ALL SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE ev_class = c.oid
                UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxrelid = c.oid
                UNION ALL SELECT 'pg_attrdef'::regclass, d.oid FROM pg_attrdef d JOIN pg_attribute a
                    ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated <> '' WHERE d.adrelid = c.oid
            ) AS own
            UNION
            SELECT further.* FROM reached r, LATERAL (
                SELECT d.refclassid, d.refobjid FROM pg_depend d WHERE d.classid = r.class AND d.objid = r.object
                    AND d.refclassid IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass,
                        'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_constraint'::regclass)
                UNION ALL SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint k
                WHERE r.class = 'pg_type'::regclass AND k.contypid = r.object
            ) AS further
        )
        SELECT jsonb_agg(DISTINCT format('%s.%s', p.pronamespace::regnamespace, p.proname))
        FROM reached r JOIN pg_proc p ON r.class = 'pg_proc'::regclass AND p.oid = r.object
        JOIN pg_roles o ON o.oid = p.proowner
        WHERE p.pronamespace <> 'pg_catalog'::regnamespace AND o.rolname <> current_user
          AND NOT (o.rolsuper AND EXISTS (
              SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
        """;

    private const string Sql = $"""
        WITH s AS (SELECT pg_catalog.to_regnamespace('public')::oid AS oid, pg_catalog.to_regrole($1)::oid AS grp),
        rel AS (
            SELECT c.* FROM pg_catalog.pg_class c, s WHERE c.relnamespace = s.oid AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
        SELECT textsend(jsonb_build_object(
            'role', current_user,
            'relations', (SELECT coalesce(jsonb_agg(relname ORDER BY relname), '[]') FROM rel),
            'tables', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'name', c.relname, 'oid', c.oid::bigint, 'kind', c.relkind, 'owner', pg_get_userbyid(c.relowner),
                'owner_is_superuser', (SELECT rolsuper FROM pg_roles r WHERE r.oid = c.relowner),
                'is_owned_by_us', pg_has_role(c.relowner, 'USAGE'), 'has_row_security', c.relrowsecurity,
                'forces_row_security', c.relrowsecurity AND c.relforcerowsecurity,
                'has_relatives', c.relispartition OR EXISTS (
                    SELECT FROM pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent)),
                'planned_code', CASE WHEN c.relkind = 'r' THEN ({PlannedCode}) END,
                'has_rules', c.relkind = 'r' AND EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid),
                'is_granted_to_public', EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0),
                'columns', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'name', a.attname, 'number', a.attnum,
                        'type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
                        'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity,
                        'generated', a.attgenerated) ORDER BY a.attnum), '[]')
                    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                'constraints', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'name', k.conname, 'kind', k.contype, 'definition', pg_get_constraintdef(k.oid),
                        'references', (SELECT relname FROM pg_class WHERE oid = k.confrelid),
                        'columns', (SELECT coalesce(jsonb_agg(a.attname ORDER BY n.at), '[]')
                            FROM unnest(k.conkey) WITH ORDINALITY AS n (num, at)
                            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.num),
                        'referenced_columns', (SELECT coalesce(jsonb_agg(a.attname ORDER BY n.at), '[]')
                            FROM unnest(k.confkey) WITH ORDINALITY AS n (num, at)
                            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.num)
                        ) ORDER BY k.conname), '[]')
                    FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n'),
                'indexes', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'name', i.relname, 'definition', pg_get_indexdef(x.indexrelid)) ORDER BY i.relname), '[]')
                    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
                    WHERE x.indrelid = c.oid
                      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid
                                      AND k.contype IN ('p', 'u', 'x'))),
                'triggers', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'name', t.tgname, 'function', t.tgfoid::regproc::text, 'definition', pg_get_triggerdef(t.oid))
                        ORDER BY t.tgname), '[]')
                    FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
                'sequences', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                        'name', q.relname, 'kind', d.deptype,
                        'is_readable', EXISTS (SELECT FROM aclexplode(q.relacl) a
                            WHERE a.grantee = s.grp AND a.privilege_type = 'SELECT')) ORDER BY q.relname), '[]')
                    FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'
                    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                      AND d.refobjid = c.oid AND d.deptype IN ('a', 'i') AND q.relnamespace = s.oid),
                'grants', (SELECT coalesce(jsonb_agg(g ORDER BY g ->> 'privilege', g ->> 'column'), '[]') FROM (
                        SELECT jsonb_build_object('privilege', a.privilege_type, 'column', NULL) AS g
                        FROM aclexplode(c.relacl) a WHERE a.grantee = s.grp
                        UNION ALL SELECT jsonb_build_object('privilege', a.privilege_type, 'column', b.attname)
                        FROM pg_attribute b, aclexplode(b.attacl) a WHERE b.attrelid = c.oid AND a.grantee = s.grp
                    ) AS granted)
                ) ORDER BY c.relname), '[]')
                FROM rel c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')),
            'functions', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'name', p.proname, 'oid', p.oid::bigint,
                'arguments', pg_get_function_identity_arguments(p.oid), 'types', oidvectortypes(p.proargtypes),
                'definition', CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) ELSE '' END,
                'owner', pg_get_userbyid(p.proowner), 'is_definer', p.prosecdef,
                'is_trigger', p.prorettype = 'trigger'::regtype,
                'is_open', EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                    WHERE a.grantee = 0),
                'is_granted', EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = s.grp)
                ) ORDER BY p.proname, p.oid), '[]')
                FROM pg_proc p WHERE p.pronamespace = s.oid AND NOT EXISTS (
                    SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                      AND d.deptype = 'e'))
            )::text)
        FROM s
        """;

    /// <summary>
    /// Reads the schema. The session's <c>search_path</c> must be <c>pg_catalog</c>, so that every name of the
    /// description has its schema.
    /// </summary>
    public static async Task<SchemaDescription> ReadAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session)
        {
            Parameters = { new() { Value = SqlIdentifier.Quote(RoleDdl.TenantGroup) } },
        };
        return SchemaDescription.Parse(
            TolerantTypes.TextOf((byte[])(await command.ExecuteScalarAsync(cancellationToken))!));
    }

    /// <summary>
    /// Lists functions and operators of schema <c>public</c> that could take the place of PostgreSQL's own, and event
    /// triggers, which run with the rights of the role that changes the schema. Functions of a superuser in event
    /// triggers, and extensions of a superuser, are trusted.
    /// </summary>
    public static async Task<IReadOnlyList<string>> ListShadowsAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT coalesce(pg_catalog.array_agg(f.name), '{}'::pg_catalog.text[]) FROM (
                SELECT p.proname::pg_catalog.text AS name, p.oid, p.proowner AS owner FROM pg_catalog.pg_proc p
                WHERE p.pronamespace OPERATOR(pg_catalog.=) 'public'::pg_catalog.regnamespace
                  AND EXISTS (SELECT FROM pg_catalog.pg_proc b WHERE b.proname OPERATOR(pg_catalog.=) p.proname
                      AND b.pronamespace OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.regnamespace)
                UNION ALL SELECT oprname, oid, oprowner FROM pg_catalog.pg_operator
                WHERE oprnamespace OPERATOR(pg_catalog.=) 'public'::pg_catalog.regnamespace
                UNION ALL SELECT e.evtname, e.oid, NULL FROM pg_catalog.pg_event_trigger e
                JOIN pg_catalog.pg_proc c ON c.oid OPERATOR(pg_catalog.=) e.evtfoid
                JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) c.proowner
                WHERE e.evtenabled OPERATOR(pg_catalog.<>) 'D'::pg_catalog."char" AND NOT o.rolsuper
            ) AS f
            WHERE f.owner IS NULL OR NOT EXISTS (
                SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_roles o ON o.oid OPERATOR(pg_catalog.=) f.owner
                WHERE d.objid OPERATOR(pg_catalog.=) f.oid AND d.deptype OPERATOR(pg_catalog.=) 'e'::pg_catalog."char"
                  AND o.rolsuper)
            """, session);
        return (string[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Reads the moment of the session's transaction, which <c>now()</c> gives to rows in it.</summary>
    public static async Task<DateTimeOffset> ReadMomentAsync(
        NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT now()", session);
        return (DateTime)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Makes the session find nothing but what PostgreSQL has itself, so that an operator or function of the
    /// database's owner never takes the place of a built-in one. A policy that hides rows becomes an error: a look that
    /// sees no rows must not decide anything.
    /// </summary>
    public static async Task TrustOnlyCatalogueAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT pg_catalog.set_config('search_path', 'pg_catalog', false), "
            + "pg_catalog.set_config('row_security', 'off', false)", session);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
