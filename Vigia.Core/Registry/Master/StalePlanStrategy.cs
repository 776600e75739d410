using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Vigia.Core.Postgres;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// Asks again when the server refuses a prepared statement because the product changed a column of the registry. Closes
/// the pool first, because all its sessions have prepared statements. Inside a transaction, which the refusal has
/// ended, the error goes to the caller as a transient one. See docs/decisions/operations.md#d341.
/// </summary>
internal sealed class StalePlanStrategy(ExecutionStrategyDependencies dependencies) : IExecutionStrategy
{
    /// <summary>False, so that results are not buffered: the server refuses before the first row.</summary>
    public bool RetriesOnFailure => false;

    public TResult Execute<TState, TResult>(
        TState state, Func<DbContext, TState, TResult> operation,
        Func<DbContext, TState, ExecutionResult<TResult>>? verifySucceeded)
    {
        var context = dependencies.CurrentContext.Context;
        try
        {
            return operation(context, state);
        }
        catch (Exception e) when (StalePlan.Is(e) && MayAskAgain(context))
        {
            return operation(context, state);
        }
    }

    public async Task<TResult> ExecuteAsync<TState, TResult>(
        TState state, Func<DbContext, TState, CancellationToken, Task<TResult>> operation,
        Func<DbContext, TState, CancellationToken, Task<ExecutionResult<TResult>>>? verifySucceeded,
        CancellationToken cancellationToken)
    {
        var context = dependencies.CurrentContext.Context;
        try
        {
            return await operation(context, state, cancellationToken);
        }
        catch (Exception e) when (StalePlan.Is(e) && MayAskAgain(context))
        {
            return await operation(context, state, cancellationToken);
        }
    }

    private static bool MayAskAgain(DbContext context)
    {
        context.GetService<NpgsqlDataSource>().Clear();
        return context.Database.CurrentTransaction is null;
    }
}
