using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Vigia.Core.Postgres;

/// <summary>Distinguishes server failures that may go away without help from all others.</summary>
public static class TransientFailures
{
    /// <summary>Whether trying again later may help without any action by a person.</summary>
    public static bool IsTransient(Exception exception) => Cause(exception) switch
    {
        PostgresException e => SqlStates.IsTransient(e.SqlState) || StalePlan.Is(e),
        NpgsqlException or SocketException or IOException or TimeoutException or DbUpdateConcurrencyException => true,
        _ => false,
    };

    /// <summary>
    /// Whether the server is unreachable, is busy, is read-only, let the portal not in or ended the session, so that
    /// the person may ask again in a moment. So does an error of its disk or system (class 58). An internal error
    /// (class XX) does not count, unless it ended the session. See docs/operate.md#the-server-is-away.
    /// </summary>
    /// <remarks>
    /// The cause may be nested deeply: a page that needs a key of the master to protect a form fails with an error
    /// of cryptography.
    /// </remarks>
    public static bool IsServerUnavailable(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (IsUnavailable(Cause(e)))
            {
                return true;
            }
        }

        return exception is AggregateException several && several.InnerExceptions.Any(IsServerUnavailable);
    }

    private static bool IsUnavailable(Exception cause) => cause switch
    {
        // FATAL and PANIC: this session is over, or was never let in. That includes a wrong password or certificate
        // (class 28), a database that is closed (55000) or gone (3D000), and a missing right to connect (42501).
        PostgresException e when EndedSession(e) => true,
        PostgresException { SqlState: PostgresErrorCodes.InternalError } => false,
        PostgresException e => SqlStates.IsTransient(e.SqlState) || SqlStates.IsShortage(e.SqlState)
            || SqlStates.IsOfSystem(e.SqlState) || StalePlan.Is(e),

        // Two commands at once on one session are a fault of the portal. All others of Npgsql's own are about the
        // connection: also one whose TLS failed, or whose server asks for what the settings do not have.
        NpgsqlOperationInProgressException => false,
        NpgsqlException => true,
        _ => false,
    };

    /// <summary>Whether the server refused or ended the session, whatever its reason.</summary>
    public static bool EndedSession(PostgresException e) => e.InvariantSeverity is "FATAL" or "PANIC";

    /// <summary>
    /// Whether a refused session says nothing about other databases and roles. A whole server that starts, stops or
    /// lacks something says so with a code that passes. Of those codes, three also mean one database: its limit of
    /// connections is used up; its locale or files are wrong (XX000); or PgBouncer let the role not in (08P01).
    /// </summary>
    public static bool RefusedSession(PostgresException e) => EndedSession(e)
        && (!SqlStates.IsTransient(e.SqlState) || e.SqlState is PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.InternalError or PostgresErrorCodes.ProtocolViolation);

    /// <summary>
    /// Whether other connections may be lost too. That the server refuses one role or one database says nothing about
    /// them.
    /// </summary>
    public static bool MayConcernOthers(Exception e) => e is PostgresException refusal
        ? refusal.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
        : e is NpgsqlException { IsTransient: true };

    /// <summary>Whether a server, or the connection to it, failed for any reason.</summary>
    public static bool IsOfServer(Exception exception) =>
        exception is NpgsqlException || exception.InnerException is NpgsqlException;

    /// <summary>Finds the inner exception that describes the failure.</summary>
    public static Exception Cause(Exception exception) => exception switch
    {
        DbUpdateConcurrencyException => exception,
        DbUpdateException { InnerException: { } inner } => Cause(inner),
        InvalidOperationException
        {
            InnerException: (
            NpgsqlException or DbUpdateException or TimeoutException) and { } inner
        } => Cause(inner),
        NpgsqlException { InnerException: PostgresException inner } => inner,
        _ => exception,
    };
}
