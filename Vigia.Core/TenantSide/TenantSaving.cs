using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Errors;

namespace Vigia.Core.TenantSide;

/// <summary>Recognises what a tenant's database refuses, by its constraints.</summary>
internal static class TenantSaving
{
    /// <summary>Adds a row. Names the value that another row has.</summary>
    /// <param name="session">The user's session.</param>
    /// <param name="row">The row.</param>
    /// <param name="taken">The code of the refusal for each unique index.</param>
    /// <param name="cancellationToken">Cancels; nothing is written then.</param>
    /// <exception cref="RuleException">Another row has the value, or a limit is reached.</exception>
    /// <exception cref="InvalidInputException">The row names another one that does not exist.</exception>
    public static async Task AddAsync(
        this TenantUserSession session, object row, IReadOnlyDictionary<string, string> taken,
        CancellationToken cancellationToken)
    {
        try
        {
            await session.AddAsync(row, cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: { } index
        } && taken.TryGetValue(index, out var code))
        {
            throw new RuleException(code);
        }
    }
}
