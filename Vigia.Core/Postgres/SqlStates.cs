using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>
/// Classifies the errors of a PostgreSQL server that may go away without help, class by class of its list of error
/// codes (https://www.postgresql.org/docs/current/errcodes-appendix.html). All other errors need a person or a new
/// build.
/// </summary>
public static class SqlStates
{
    /// <summary>
    /// The session was idle inside a transaction for longer than <c>idle_in_transaction_session_timeout</c>. Npgsql has
    /// no name for this code.
    /// </summary>
    public const string IdleInTransactionTimeout = "25P03";

    /// <summary>
    /// The transaction took longer than <c>transaction_timeout</c> (PostgreSQL 17). Npgsql has no name for this code.
    /// </summary>
    public const string TransactionTimeout = "25P04";

    private static readonly HashSet<string> Transient =
    [
        // Class 25, invalid transaction state: the server ended a session that was too slow, or it acts as a standby
        // during a switch-over.
        IdleInTransactionTimeout, TransactionTimeout, PostgresErrorCodes.ReadOnlySqlTransaction,

        // Class 40, rollback, without 40002: there the transaction violated a constraint on the data.
        PostgresErrorCodes.TransactionRollback, PostgresErrorCodes.SerializationFailure,
        PostgresErrorCodes.StatementCompletionUnknown,
        PostgresErrorCodes.DeadlockDetected,

        // Class 53, insufficient resources, without 53400: that is a configured limit.
        PostgresErrorCodes.InsufficientResources, PostgresErrorCodes.DiskFull, PostgresErrorCodes.OutOfMemory,
        PostgresErrorCodes.TooManyConnections,

        // Class 55, not in the required state: only objects that another session holds at the moment.
        PostgresErrorCodes.ObjectInUse, PostgresErrorCodes.LockNotAvailable,

        // Class 57, intervention: all of it. 57P04 only says that the session's database no longer exists. The next
        // attempt checks again.
        PostgresErrorCodes.OperatorIntervention, PostgresErrorCodes.QueryCanceled, PostgresErrorCodes.AdminShutdown,
        PostgresErrorCodes.CrashShutdown,
        PostgresErrorCodes.CannotConnectNow, PostgresErrorCodes.DatabaseDropped, PostgresErrorCodes.IdleSessionTimeout,

        // Class 58, system error, without missing or duplicate files.
        PostgresErrorCodes.SystemError, PostgresErrorCodes.IoError,

        // Class 72: the snapshot was too old (before PostgreSQL 17).
        PostgresErrorCodes.SnapshotFailure,

        // Class XX, internal error: XX000 includes "checkpoint request failed", which every DROP DATABASE gives on a
        // server with a full disk. Corruption has codes of its own and is not transient.
        PostgresErrorCodes.InternalError,
    ];

    /// <summary>
    /// Whether the server lacks something that it needs (class 53). That includes 53400, a configured limit. A
    /// person's second request may succeed, because another session has ended. Operations do not try again.
    /// </summary>
    public static bool IsShortage(string sqlState) => sqlState.StartsWith("53", StringComparison.Ordinal);

    /// <summary>
    /// Whether the server's disk or operating system failed (class 58), which a person on the server mends.
    /// </summary>
    public static bool IsOfSystem(string sqlState) => sqlState.StartsWith("58", StringComparison.Ordinal);

    /// <summary>
    /// Whether trying again later may help without any action by a person. Class 08 contains broken and refused
    /// connections.
    /// </summary>
    public static bool IsTransient(string sqlState) =>
        sqlState.StartsWith("08", StringComparison.Ordinal) || Transient.Contains(sqlState);
}
