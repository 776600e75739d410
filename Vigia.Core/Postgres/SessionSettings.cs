using Npgsql;
using Vigia.Core.Foundation.Configuration;

namespace Vigia.Core.Postgres;

/// <summary>
/// The settings that our sessions depend on. Somebody may have set others on the role or the database, for programs of
/// their own: a statement_timeout of a second ends the verification of the audit trail, another isolation level turns
/// a lock and a read into an error, another search_path finds other tables, another role has other rights.
/// </summary>
/// <remarks>
/// Not among them: default_transaction_read_only, which says that nobody shall write; what only decides about speed;
/// session_replication_role, which only a superuser may set; and restrict_nonsystem_relation_kind, which only some
/// minor versions know. A record of the audit trail that was committed must survive a crash, so synchronous_commit is
/// set: a standby that has to confirm does so.
/// </remarks>
public static class SessionSettings
{
    /// <summary>The settings with their values, without the timeouts of statements and transactions.</summary>
    private static readonly (string Name, string Value)[] Always =
    [
        ("role", "none"), ("search_path", "public"), ("default_transaction_isolation", "read committed"),
        ("default_transaction_deferrable", "off"), ("lock_timeout", "0"), ("idle_session_timeout", "0"),
        ("standard_conforming_strings", "on"), ("quote_all_identifiers", "off"), ("transform_null_equals", "off"),
        ("row_security", "on"), ("default_tablespace", ""), ("TimeZone", "UTC"), ("DateStyle", "ISO,MDY"),
        ("IntervalStyle", "postgres"), ("bytea_output", "hex"),
        ("exit_on_error", "off"), ("gin_fuzzy_search_limit", "0"), ("synchronous_commit", "on"),
    ];

    // An older server refuses a session that names a setting which it does not know.
    private static readonly (int Since, string Name, string Value)[] Newer =
        [(16, "createrole_self_grant", ""), (17, "transaction_timeout", "0")];

    /// <summary>
    /// Adds the settings to start-up options. They hold for the whole session, also after a pool has reset it, and win
    /// over those of role and database. A pooler refuses start-up options.
    /// </summary>
    /// <param name="options">Options of the URL. A role that is named there stays.</param>
    /// <param name="version">The server's version, if it is known: newer servers have more settings.</param>
    /// <param name="statement">How long a statement may take.</param>
    /// <param name="idleInTransaction">How long a transaction may be idle.</param>
    public static string AddTo(
        string? options, int version = 0, string statement = "0", string idleInTransaction = "0")
    {
        var named = options ?? "";
        var settings = Always.Concat(NewerFor(version))
            .Where(s => s.Name != "role" || !named.Contains("role=", StringComparison.OrdinalIgnoreCase))
            .Append(("statement_timeout", statement))
            .Append(("idle_in_transaction_session_timeout", idleInTransaction))
            .Select(s => $"-c {s.Item1}={s.Item2.Replace(" ", "\\ ", StringComparison.Ordinal)}");
        return string.Join(' ', named.Trim().Length == 0 ? settings : settings.Prepend(named));
    }

    /// <summary>
    /// Adds to start-up options that the session finds nothing but what PostgreSQL has itself, from its first statement
    /// on, and that a policy which hides rows is an error. For a database whose owner could make a function or an
    /// operator that takes the place of a built-in one.
    /// </summary>
    /// <param name="options">The result of <see cref="AddTo"/>. The last value of a setting holds.</param>
    public static string TrustOnlyCatalogue(string options) =>
        options + " -c search_path=pg_catalog -c row_security=off";

    /// <summary>The address of a server, for a session with our settings.</summary>
    internal static NpgsqlConnectionStringBuilder BuilderFor(PostgresUrl server)
    {
        var builder = server.ToConnectionStringBuilder();
        builder.Options = AddTo(builder.Options);
        return builder;
    }

    /// <summary>
    /// Sets them on an open session of a tenant's role, which may have come through a pooler. The timeout of statements
    /// is that of the role (<see cref="RoleDdl"/>), which somebody may have changed.
    /// </summary>
    internal static Task ApplyAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        SetAsync(session,
        [
            ("statement_timeout", RoleDdl.StatementTimeout), .. NewerFor(session.PostgreSqlVersion.Major), .. Always,
            ("idle_in_transaction_session_timeout", "0"),
        ], cancellationToken);

    /// <summary>
    /// Sets what start-up options could not name, because the server's version was not known yet, on a session that no
    /// pool resets.
    /// </summary>
    internal static Task ApplyNewerAsync(NpgsqlConnection session, CancellationToken cancellationToken) =>
        SetAsync(session, [.. NewerFor(session.PostgreSqlVersion.Major)], cancellationToken);

    private static IEnumerable<(string Name, string Value)> NewerFor(int version) =>
        Newer.Where(s => s.Since <= version).Select(s => (s.Name, s.Value));

    private static async Task SetAsync(
        NpgsqlConnection session, IReadOnlyList<(string Name, string Value)> settings,
        CancellationToken cancellationToken)
    {
        if (settings.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(session);
        foreach (var (name, value) in settings)
        {
            batch.BatchCommands.Add(new("SELECT pg_catalog.set_config($1, $2, false)")
            {
                Parameters = { new() { Value = name }, new() { Value = value } },
            });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
