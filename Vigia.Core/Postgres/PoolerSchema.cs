using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// The schema <c>vigia_pooler</c> inside a tenant's database: the SCRAM verifiers of its login roles, and the function
/// with which a PgBouncer looks them up (<c>auth_query</c>). Only the portal's role reads the table. The function never
/// reads <c>pg_authid</c>, so it knows only the roles of this database. All methods run on a session of the portal's
/// role inside the database, whose marker was checked.
/// </summary>
public static class PoolerSchema
{
    /// <summary>The value of <c>auth_query</c>.</summary>
    public const string AuthQuery = "SELECT role_name, verifier FROM vigia_pooler.find_log_in($1)";

    private const string MakeSql = """
        CREATE SCHEMA IF NOT EXISTS vigia_pooler;
        CREATE TABLE IF NOT EXISTS vigia_pooler.log_ins (role_name text PRIMARY KEY, verifier text NOT NULL);
        CREATE OR REPLACE FUNCTION vigia_pooler.find_log_in(wanted text, OUT role_name text, OUT verifier text)
            RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS
            'SELECT l.role_name, l.verifier FROM vigia_pooler.log_ins l WHERE l.role_name = wanted';
        REVOKE ALL ON SCHEMA vigia_pooler FROM PUBLIC;
        REVOKE ALL ON vigia_pooler.log_ins FROM PUBLIC;
        REVOKE ALL ON FUNCTION vigia_pooler.find_log_in(text) FROM PUBLIC;
        COMMENT ON SCHEMA vigia_pooler IS 'vigia:pooler';
        """;

    // Somebody else may have made a schema of this name, or something in ours. The table gets verifiers, and the
    // function runs with the portal's rights, so nothing of it may belong to another role or do more than it should.
    private const string ForeignSql = """
        SELECT n.nspowner <> r.oid OR coalesce(obj_description(n.oid, 'pg_namespace'), '') <> 'vigia:pooler'
            OR EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND (c.relowner <> r.oid
                OR c.relkind NOT IN ('r', 'i', 't') OR c.relkind = 'r' AND c.relname <> 'log_ins'
                OR c.relrowsecurity
                OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
                OR EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid)))
            OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid
                AND (p.proowner <> r.oid OR p.proname <> 'find_log_in'))
        FROM pg_namespace n, pg_roles r WHERE n.nspname = 'vigia_pooler' AND r.rolname = current_user
        """;

    // Roles with a right in the schema, besides its owner and the pooler's role.
    private const string OthersSql = """
        SELECT DISTINCT r.rolname FROM (
            SELECT n.nspacl AS acl, n.nspowner AS owner FROM pg_namespace n WHERE n.nspname = 'vigia_pooler'
            UNION ALL SELECT p.proacl, p.proowner FROM pg_proc p
                WHERE p.pronamespace = to_regnamespace('vigia_pooler')
            UNION ALL SELECT c.relacl, c.relowner FROM pg_class c
                WHERE c.relnamespace = to_regnamespace('vigia_pooler')) AS o,
            LATERAL aclexplode(o.acl) AS a JOIN pg_roles r ON r.oid = a.grantee
        WHERE a.grantee <> o.owner AND r.rolname <> $1
        """;

    private const string WriteSql = """
        INSERT INTO vigia_pooler.log_ins AS l (role_name, verifier) SELECT * FROM unnest($1, $2)
        ON CONFLICT (role_name) DO UPDATE SET verifier = EXCLUDED.verifier WHERE l.verifier <> EXCLUDED.verifier
        """;

    // A role that was dropped is of no use.
    private const string CleanSql = """
        DELETE FROM vigia_pooler.log_ins WHERE role_name = ANY ($1)
            OR NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = role_name)
        """;

    /// <summary>
    /// Makes what is missing, stores the verifiers of these login roles, and lets <paramref name="pooler"/> and nobody
    /// else look them up. Verifiers of other roles that still exist stay.
    /// </summary>
    /// <param name="pooler">The role of PGBOUNCER_AUTH_ROLE. It gets nothing when the server does not have it.</param>
    /// <param name="logIns">The login roles of the database with their verifiers.</param>
    /// <exception cref="RuleException"><c>pooler_schema_foreign</c>.</exception>
    public static async Task WriteAsync(
        NpgsqlConnection session, string pooler, IReadOnlyList<(string Role, string Verifier)> logIns,
        CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await MasterDatabase.ExecuteAsync(session, "SET LOCAL lock_timeout = '3s'", cancellationToken);

        // Two sessions that make the schema at the same time would meet in the catalogue.
        await MasterDatabase.ExecuteAsync(
            session, "SELECT pg_advisory_xact_lock(hashtextextended('vigia pooler', 0))", cancellationToken);
        await IsOursAsync(session, cancellationToken);
        await MasterDatabase.ExecuteAsync(session, MakeSql, cancellationToken);
        foreach (var role in await OthersAsync(session, pooler, cancellationToken))
        {
            await RevokeAsync(session, role, cancellationToken);
        }

        if (await OutsideRoleDdl.ReadAsync(session, pooler, cancellationToken) is not null)
        {
            await GrantAsync(session, pooler, cancellationToken);
        }

        await using (var write = new NpgsqlCommand(WriteSql, session)
        {
            Parameters =
            {
                new() { Value = logIns.Select(l => l.Role).ToArray() },
                new() { Value = logIns.Select(l => l.Verifier).ToArray() },
            },
        })
        {
            await write.ExecuteNonQueryAsync(cancellationToken);
        }

        await CleanAsync(session, [], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Forgets the verifiers of these login roles, and of those that do not exist any more.</summary>
    /// <exception cref="RuleException"><c>pooler_schema_foreign</c>.</exception>
    public static async Task ForgetAsync(
        NpgsqlConnection session, IReadOnlyList<string> roles, CancellationToken cancellationToken)
    {
        if (await IsOursAsync(session, cancellationToken))
        {
            await CleanAsync(session, roles, cancellationToken);
        }
    }

    /// <summary>Removes the schema. Does nothing when there is none.</summary>
    /// <exception cref="RuleException"><c>pooler_schema_foreign</c>.</exception>
    public static async Task DropAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);
        await MasterDatabase.ExecuteAsync(session, "SET LOCAL lock_timeout = '3s'", cancellationToken);
        if (await IsOursAsync(session, cancellationToken))
        {
            await MasterDatabase.ExecuteAsync(session, "DROP SCHEMA vigia_pooler CASCADE", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    // Whether there is a schema, which must be ours then.
    private static async Task<bool> IsOursAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(ForeignSql, session);
        return await command.ExecuteScalarAsync(cancellationToken) switch
        {
            null => false,
            false => true,
            _ => throw new RuleException("pooler_schema_foreign", session.Database),
        };
    }

    private static async Task<List<string>> OthersAsync(
        NpgsqlConnection session, string pooler, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(OthersSql, session) { Parameters = { new() { Value = pooler } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }

    private static async Task CleanAsync(
        NpgsqlConnection session, IReadOnlyList<string> roles, CancellationToken cancellationToken)
    {
        await using var clean = new NpgsqlCommand(CleanSql, session)
        {
            Parameters = { new() { Value = roles.ToArray() } },
        };
        await clean.ExecuteNonQueryAsync(cancellationToken);
    }

    private static Task GrantAsync(NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        var quoted = SqlIdentifier.Quote(role);
        return MasterDatabase.ExecuteAsync(
            session,
            $"GRANT USAGE ON SCHEMA vigia_pooler TO {quoted}; "
            + $"GRANT EXECUTE ON FUNCTION vigia_pooler.find_log_in(text) TO {quoted}", cancellationToken);
    }

    private static Task RevokeAsync(NpgsqlConnection session, string role, CancellationToken cancellationToken)
    {
        var quoted = SqlIdentifier.Quote(role);
        return MasterDatabase.ExecuteAsync(
            session,
            $"REVOKE ALL ON SCHEMA vigia_pooler FROM {quoted}; REVOKE ALL ON vigia_pooler.log_ins FROM {quoted}; "
            + $"REVOKE ALL ON FUNCTION vigia_pooler.find_log_in(text) FROM {quoted}", cancellationToken);
    }
}
