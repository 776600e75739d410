using Npgsql;

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
    /// Makes what is missing, stores the verifiers of these login roles, and lets <paramref name="pooler"/> look them
    /// up. Verifiers of other roles that still exist stay.
    /// </summary>
    /// <param name="pooler">The role of PGBOUNCER_AUTH_ROLE.</param>
    /// <param name="former">Roles that were it before.</param>
    /// <param name="logIns">The login roles of the database with their verifiers.</param>
    public static async Task WriteAsync(
        NpgsqlConnection session, string pooler, IReadOnlyList<string> former,
        IReadOnlyList<(string Role, string Verifier)> logIns, CancellationToken cancellationToken)
    {
        await using var transaction = await session.BeginTransactionAsync(cancellationToken);

        // Two sessions that make the schema at the same time would meet in the catalogue.
        await MasterDatabase.ExecuteAsync(
            session, "SELECT pg_advisory_xact_lock(hashtextextended('vigia pooler', 0))", cancellationToken);
        await MasterDatabase.ExecuteAsync(session, MakeSql, cancellationToken);
        foreach (var role in former)
        {
            if (role != pooler && await OutsideRoleDdl.ReadAsync(session, role, cancellationToken) is not null)
            {
                await GrantAsync(session, "REVOKE", "FROM", role, cancellationToken);
            }
        }

        await GrantAsync(session, "GRANT", "TO", pooler, cancellationToken);
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
    public static async Task ForgetAsync(
        NpgsqlConnection session, IReadOnlyList<string> roles, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(session, cancellationToken))
        {
            await CleanAsync(session, roles, cancellationToken);
        }
    }

    /// <summary>Removes the schema. Does nothing when there is none.</summary>
    public static Task DropAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        MasterDatabase.ExecuteAsync(session, "DROP SCHEMA IF EXISTS vigia_pooler CASCADE", cancellationToken);

    /// <summary>Whether the database has the schema with its table.</summary>
    public static async Task<bool> ExistsAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT to_regclass('vigia_pooler.log_ins') IS NOT NULL", session);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
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

    private static Task GrantAsync(
        NpgsqlConnection session, string verb, string direction, string role, CancellationToken cancellationToken)
    {
        var quoted = SqlIdentifier.Quote(role);
        return MasterDatabase.ExecuteAsync(
            session,
            $"{verb} USAGE ON SCHEMA vigia_pooler {direction} {quoted}; "
            + $"{verb} EXECUTE ON FUNCTION vigia_pooler.find_log_in(text) {direction} {quoted}", cancellationToken);
    }
}
