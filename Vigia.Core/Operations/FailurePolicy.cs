using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Vigia.Core.Errors;
using Vigia.Core.TenantDatabase;

namespace Vigia.Core.Operations;

/// <summary>Tells what an exception in a step means: try again later, a person must act, or failed for good; and says it in words.</summary>
public sealed class FailurePolicy(IOptions<OperationOptions> options)
{
    /// <summary>Whether trying again later may help without anybody doing anything.</summary>
    public static bool IsTransient(Exception exception) => Innermost(exception) switch
    {
        PostgresException e => e.SqlState is
            PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.QueryCanceled
            or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.DiskFull or PostgresErrorCodes.IoError

            // "checkpoint request failed", which every DROP DATABASE of a server with a full disk answers.
            or PostgresErrorCodes.InternalError || e.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException or SocketException or IOException or TimeoutException or ServerUnreachableException or DbUpdateConcurrencyException => true,
        _ => false,
    };

    /// <summary>The failure in words a person can act on.</summary>
    public static Message Describe(Exception exception) => Innermost(exception) switch
    {
        RuleException e => e.Reason,
        PersonNeededException e => e.Reason,
        PostgresException e when LimitReached.Is(e) => LimitReached.Describe(e),
        ServerUnreachableException or SocketException => new Message("server_unreachable"),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => new Message("server_out_of_connections"),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new Message("server_disk_full"),
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } => new Message("server_restarting"),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => new Message("database_busy"),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } e => new Message("server_privilege_missing", e.MessageText),
        PostgresException e => new Message("server_error", e.SqlState, e.MessageText),
        NpgsqlException or IOException or TimeoutException => new Message("server_connection_lost"),
        DbUpdateConcurrencyException => new Message("changed_meanwhile_by_another"),
        _ => new Message("unexpected_error"),
    };

    /// <summary>How long to wait before attempt number <paramref name="attempt"/> + 1: doubled each time, with up to 20 % of jitter.</summary>
    public TimeSpan BackOff(int attempt)
    {
        var seconds = Math.Min(options.Value.LongestBackOff.TotalSeconds, options.Value.FirstBackOff.TotalSeconds * Math.Pow(2, Math.Max(0, attempt - 1)));
#pragma warning disable CA5394 // Jitter is no secret.
        return TimeSpan.FromSeconds(seconds * (1 + (0.2 * Random.Shared.NextDouble())));
#pragma warning restore CA5394
    }

    private static Exception Innermost(Exception exception) => exception switch
    {
        ServerUnreachableException => exception,
        DbUpdateConcurrencyException => exception,
        DbUpdateException { InnerException: { } inner } => Innermost(inner),
        InvalidOperationException { InnerException: (NpgsqlException or DbUpdateException or TimeoutException) and { } inner } => Innermost(inner),
        NpgsqlException { InnerException: PostgresException inner } => inner,
        _ => exception,
    };
}
