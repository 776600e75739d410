using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Operations;

/// <summary>
/// Decides what an exception in a step means: try again later, wait for a person, or fail. Describes it in words.
/// </summary>
public sealed class FailurePolicy(IOptions<OperationOptions> options)
{
    /// <summary>Whether trying again later may help without any action by a person.</summary>
    public static bool IsTransient(Exception exception) =>
        exception is ServerUnreachableException or DatabaseUnreachableException { MayPass: true }
        || TransientFailures.IsTransient(exception);

    /// <summary>
    /// Whether only the server is away. Then the operation did nothing that could have failed, so it is tried again for
    /// as long as that lasts.
    /// </summary>
    public static bool IsAway(Exception exception) => exception is ServerUnreachableException;

    /// <summary>Describes the failure in words that a person can act on. Long words of a server are cut.</summary>
    public static Message Describe(Exception exception) => DescribeWhole(exception).Bounded();

    private static Message DescribeWhole(Exception exception) => TransientFailures.Cause(exception) switch
    {
        RuleException e => e.Reason,
        PersonNeededException e => e.Reason,
        PostgresException e when LimitReached.Is(e) => LimitReached.Describe(e),
        SessionsRemainException e => e.Reason,
        ServerUnreachableException { InnerException: PostgresException e } => DescribeWhole(e),
        ServerUnreachableException or SocketException => new Message("server_unreachable"),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } =>
            new Message("server_out_of_connections"),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new Message("server_disk_full"),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => new Message("server_read_only"),
        PostgresException
        {
            SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
        } e => new Message("server_login_refused", e.MessageText),
        PostgresException
        {
            SqlState: PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CrashShutdown
        } => new Message("server_restarting"),
        PostgresException { SqlState: PostgresErrorCodes.ObjectInUse } e =>
            new Message("database_in_use", e.MessageText),
        PostgresException
        {
            SqlState: SqlStates.IdleInTransactionTimeout or SqlStates.TransactionTimeout
                or PostgresErrorCodes.IdleSessionTimeout or PostgresErrorCodes.DatabaseDropped
        } => new Message("server_ended_session"),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => new Message("database_busy"),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } e =>
            new Message("server_privilege_missing", e.MessageText),
        PostgresException e => new Message("server_error", e.SqlState, e.MessageText),
        NpgsqlException or IOException or TimeoutException => new Message("server_connection_lost"),
        DbUpdateConcurrencyException => new Message("changed_meanwhile_by_another"),
        _ => new Message("unexpected_error"),
    };

    /// <summary>
    /// The pause before attempt number <paramref name="attempt"/> + 1. It doubles each time, with up to 20 % of jitter.
    /// </summary>
    public TimeSpan BackOff(int attempt)
    {
        var seconds = Math.Min(
            options.Value.LongestBackOff.TotalSeconds,
            options.Value.FirstBackOff.TotalSeconds * Math.Pow(2, Math.Max(0, attempt - 1)));
#pragma warning disable CA5394 // Jitter needs no secure random numbers.
        return TimeSpan.FromSeconds(seconds * (1 + (0.2 * Random.Shared.NextDouble())));
#pragma warning restore CA5394
    }
}
