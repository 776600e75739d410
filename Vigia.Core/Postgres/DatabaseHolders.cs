using System.Globalization;
using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Postgres;

/// <summary>
/// Finds the holders of a database that only a person can remove: they keep the portal's role from renaming or dropping
/// the database. They are read from the catalogues that the whole server shares. Sessions that the portal may end are
/// not included.
/// </summary>
public static class DatabaseHolders
{
    /// <summary>The code for an interrupted DROP. The database can only be dropped.</summary>
    public const string HalfDropped = "holder_half_dropped";

    // Temporary replication slots are left out, because they end with their session. Processes of the server itself
    // have no user and end without help. Transactions in other databases that change the database's row or hold its
    // lock come first, because the statements that clear the other holders would wait for them.
    private const string Sql = """
        WITH d AS (SELECT *, xmax AS changed_by FROM pg_database WHERE datname = $1),
             me AS (SELECT oid, rolname, rolsuper FROM pg_roles WHERE rolname = current_user),
             locks AS (
                 SELECT l.pid, l.virtualtransaction FROM d JOIN pg_locks l ON l.granted AND (
                     l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND l.objid = d.oid
                     OR l.locktype = 'transactionid' AND l.transactionid = d.changed_by))
        SELECT 0, 'holder_prepared_elsewhere', x.gid, x.owner::text, x.database::text
        FROM d JOIN pg_prepared_xacts x ON x.database <> d.datname
        WHERE EXISTS (SELECT FROM locks JOIN pg_locks t USING (virtualtransaction)
                      WHERE locks.pid IS NULL AND t.locktype = 'transactionid' AND t.transactionid = x.transaction)
        UNION ALL
        SELECT 0, 'holder_changing_session', a.pid::text, a.usename::text, ''
        FROM d, me, pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
        WHERE a.pid IN (SELECT pid FROM locks) AND a.datid IS DISTINCT FROM d.oid AND r.oid <> me.oid
          AND (r.rolsuper OR shobj_description(r.oid, 'pg_authid') IS NULL)
        UNION ALL
        SELECT 1, 'holder_owner', pg_get_userbyid(d.datdba)::text, me.rolname::text, ''
        FROM d, me WHERE NOT me.rolsuper AND NOT pg_has_role(d.datdba, 'USAGE')
        UNION ALL
        SELECT 2, 'holder_template', '', '', '' FROM d WHERE d.datistemplate
        UNION ALL
        SELECT 3, 'holder_half_dropped', '', '', '' FROM d WHERE d.datconnlimit = -2
        UNION ALL
        SELECT 4, 'holder_prepared_transaction', x.gid, x.owner::text, ''
        FROM d JOIN pg_prepared_xacts x ON x.database = d.datname
        UNION ALL
        SELECT 5, CASE WHEN s.active THEN 'holder_slot_active' ELSE 'holder_slot' END, s.slot_name::text,
               coalesce(s.active_pid::text, ''), ''
        FROM d JOIN pg_replication_slots s ON s.database = d.datname WHERE NOT s.temporary
        UNION ALL
        SELECT 6, 'holder_subscription', s.subname::text, '', '' FROM d JOIN pg_subscription s ON s.subdbid = d.oid
        UNION ALL
        SELECT 7, 'holder_session', a.pid::text, a.usename::text, coalesce(a.application_name, '')
        FROM d JOIN pg_stat_activity a ON a.datid = d.oid JOIN pg_roles r ON r.oid = a.usesysid, me
        WHERE a.pid <> pg_backend_pid() AND NOT me.rolsuper
          AND (r.rolsuper OR NOT (pg_has_role(r.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')))
        ORDER BY 1, 3
        """;

    /// <summary>
    /// Reads the holders. Each message has an advice: the statement that removes the holder, and the database to run it
    /// in. Empty when nothing holds the database. Must run on a maintenance session of the portal's role.
    /// </summary>
    public static async Task<IReadOnlyList<Message>> ReadAsync(
        NpgsqlConnection session, string database, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, session) { Parameters = { new() { Value = database } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<Message>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(Describe(reader.GetString(1), database, reader.GetString(2), reader.GetString(3),
                reader.GetString(4)));
        }

        return found;
    }

    /// <summary>Whether a holder found by <see cref="ReadAsync"/> may explain an error of PostgreSQL.</summary>
    public static bool MayExplain(PostgresException error) => error.SqlState is
        PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.WrongObjectType
        or PostgresErrorCodes.ObjectNotInPrerequisiteState or PostgresErrorCodes.LockNotAvailable;

    // The first argument of each message is the database in which the statement must run, the second is the statement.
    private static Message Describe(string code, string database, string first, string second, string third)
    {
        var quoted = SqlIdentifier.Quote(database);
        return code switch
        {
            "holder_owner" => new(
                code, Anywhere, $"ALTER DATABASE {quoted} OWNER TO {SqlIdentifier.Quote(second)};", database, first),
            "holder_prepared_elsewhere" => new(
                code, third, $"ROLLBACK PREPARED {SqlLiteral.Quote(first)};", database, first, second, third),
            "holder_changing_session" => new(
                code, Anywhere, $"SELECT pg_terminate_backend({Number(first)});", database, first, second),
            "holder_template" => new(code, Anywhere, $"ALTER DATABASE {quoted} IS_TEMPLATE false;", database),
            HalfDropped => new(code, Anywhere, $"DROP DATABASE {quoted};", database),
            "holder_prepared_transaction" =>
                new(code, database, $"ROLLBACK PREPARED {SqlLiteral.Quote(first)};", database, first, second),
            "holder_slot" => new(code, database, DropSlot(first), database, first),

            // The session must end before its slot can be dropped.
            "holder_slot_active" => new(
                code, database, $"SELECT pg_terminate_backend({Number(second)}, 10000); {DropSlot(first)}", database,
                first, second),
            "holder_subscription" => new(code, database, DropSubscription(SqlIdentifier.Quote(first)), database, first),
            _ => new(code, Anywhere, $"SELECT pg_terminate_backend({Number(first)});", database, first, second, third),
        };
    }

    /// <summary>
    /// The database in which statements on shared objects run. Any database would do. This one always exists.
    /// </summary>
    internal const string Anywhere = "postgres";

    private static string DropSlot(string name) => $"SELECT pg_drop_replication_slot({SqlLiteral.Quote(name)});";

    // Without the name of a slot, the subscription can be dropped even if its publisher no longer exists.
    private static string DropSubscription(string name) =>
        $"ALTER SUBSCRIPTION {name} DISABLE; ALTER SUBSCRIPTION {name} SET (slot_name = NONE); "
        + $"DROP SUBSCRIPTION {name};";

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
