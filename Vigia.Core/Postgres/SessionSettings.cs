using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// The settings that our sessions depend on. Somebody may have set others on the role or the database, for programs of
/// their own: a statement_timeout of a second ends the verification of the audit trail, another isolation level turns
/// a lock and a read into an error, another search_path finds other tables.
/// </summary>
/// <remarks>
/// Not among them: default_transaction_read_only, which says that nobody shall write, and what only decides about speed
/// or durability. transaction_timeout exists since PostgreSQL 17; the end of such a session is recognised
/// (<see cref="SqlStates"/>).
/// </remarks>
public static class SessionSettings
{
    /// <summary>The settings with their values, without the timeout of statements.</summary>
    private static readonly (string Name, string Value)[] Always =
    [
        ("search_path", "public"), ("default_transaction_isolation", "read committed"),
        ("standard_conforming_strings", "on"), ("lock_timeout", "0"), ("idle_session_timeout", "0"),
        ("row_security", "on"), ("DateStyle", "ISO,MDY"), ("IntervalStyle", "postgres"), ("bytea_output", "hex"),
    ];

    /// <summary>
    /// Adds the settings to start-up options. They hold for the whole session, also after a pool has reset it, and win
    /// over those of role and database. A pooler refuses start-up options.
    /// </summary>
    public static string AddTo(string? options) => string.Join(' ',
    [
        .. string.IsNullOrWhiteSpace(options) ? Array.Empty<string>() : [options],
        .. Always.Append(("statement_timeout", "0"))
            .Select(s => $"-c {s.Item1}={s.Item2.Replace(" ", "\\ ", StringComparison.Ordinal)}"),
    ]);

    /// <summary>
    /// Sets them on an open session of a tenant's role, which may have come through a pooler. The timeout of statements
    /// stays: the role has one of ours.
    /// </summary>
    internal static async Task ApplyAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(session);
        foreach (var (name, value) in Always)
        {
            batch.BatchCommands.Add(new("SELECT set_config($1, $2, false)")
            {
                Parameters = { new() { Value = name }, new() { Value = value } },
            });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
