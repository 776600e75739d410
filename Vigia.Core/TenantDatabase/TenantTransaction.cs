using System.Data;
using Npgsql;
using Vigia.Core.Errors;

namespace Vigia.Core.TenantDatabase;

/// <summary>Writing into a tenant's database: one transaction, begun anew when it lost against another one.</summary>
public static class TenantTransaction
{
    private const int Attempts = 20;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs <paramref name="work"/> and commits.</summary>
    /// <param name="session">An open session, in no transaction.</param>
    /// <param name="level">How isolated; under the stricter levels losing (40001) is normal and tried again.</param>
    /// <param name="work">What to write; may run several times, so it changes nothing outside the database.</param>
    /// <param name="time">For the pauses between attempts.</param>
    /// <param name="cancellationToken">Ends it; nothing is written then.</param>
    /// <returns>What <paramref name="work"/> returned the time that it was committed.</returns>
    /// <exception cref="RuleException"><c>limit_reached</c>: the database refused what is one too many.</exception>
    public static async Task<T> RunAsync<T>(
        NpgsqlConnection session, IsolationLevel level, Func<NpgsqlTransaction, CancellationToken, Task<T>> work, TimeProvider time, CancellationToken cancellationToken)
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
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected && attempt < Attempts)
            {
#pragma warning disable CA5394 // Who goes first is no secret.
                await Task.Delay(FirstPause + (Random.Shared.NextDouble() * Pause(attempt)), time, cancellationToken);
#pragma warning restore CA5394
            }
        }
    }

    private static TimeSpan Pause(int attempt) => TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << attempt));
}
