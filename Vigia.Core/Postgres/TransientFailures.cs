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
        PostgresException e => SqlStates.IsTransient(e.SqlState),
        NpgsqlException or SocketException or IOException or TimeoutException or DbUpdateConcurrencyException => true,
        _ => false,
    };

    /// <summary>
    /// Whether the server is unreachable, is busy or ended the session, so that the person may ask again in a moment.
    /// An internal error of the server does not count.
    /// </summary>
    public static bool IsServerUnavailable(Exception exception) => Cause(exception) switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InternalError } => false,
        PostgresException e => SqlStates.IsTransient(e.SqlState),
        NpgsqlException e => e.IsTransient,
        _ => false,
    };

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
