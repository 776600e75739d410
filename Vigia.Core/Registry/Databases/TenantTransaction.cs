using System.Data;
using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// Writes to a tenant's database in one transaction, which is repeated when it conflicts with another one.
/// </summary>
public static class TenantTransaction
{
    private const int Attempts = 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs <paramref name="work"/> and commits.</summary>
    /// <param name="session">An open session without a transaction.</param>
    /// <param name="level">
    /// The isolation level. With the stricter levels, serialization failures (40001) are normal and retried.
    /// </param>
    /// <param name="work">The work. It may run several times, so it must change nothing outside the database.</param>
    /// <param name="time">The clock for the pauses between attempts.</param>
    /// <param name="cancellationToken">Cancels the transaction. Nothing is written then.</param>
    /// <returns>The result of <paramref name="work"/> in the committed attempt.</returns>
    /// <exception cref="RuleException">
    /// <c>limit_reached</c>: the database refused a row that would exceed a limit.
    /// </exception>
    public static async Task<T> RunAsync<T>(
        NpgsqlConnection session, IsolationLevel level, Func<NpgsqlTransaction, CancellationToken, Task<T>> work,
        TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var transaction = await session.BeginTransactionAsync(level, cancellationToken);
                var result = await work(transaction, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return result;
            }
            catch (PostgresException e) when (LimitReached.Is(e))
            {
                throw new RuleException(LimitReached.Describe(e));
            }
            catch (PostgresException e) when (
                e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
                && attempt < Attempts)
            {
#pragma warning disable CA5394 // The pauses need no secure random numbers.
                await Task.Delay(FirstPause + (Random.Shared.NextDouble() * Pause(attempt)), time, cancellationToken);
#pragma warning restore CA5394
            }
        }
    }

    private static TimeSpan Pause(int attempt) =>
        TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << attempt));
}
