using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace Vigia.Core.Registry.Master;

/// <summary>A page of a list.</summary>
/// <param name="Total">The number of matching rows, at most <see cref="ListTotal.Most"/>.</param>
/// <param name="Page">
/// The number of the page, from 1. Negative when only the end of the list is known: -1 is the last page.
/// </param>
public abstract record ListPage<T>(IReadOnlyList<T> Items, int Total, int Page, int PageSize)
{
    /// <summary>Whether <see cref="Total"/> is the number of matching rows. Otherwise there are more.</summary>
    public bool TotalIsExact { get; init; } = true;

    /// <summary>Whether there are rows before this page.</summary>
    public bool HasPrevious { get; init; }

    /// <summary>Whether there are rows after this page.</summary>
    public bool HasNext { get; init; }
}

/// <summary>
/// How many rows a list has. Counting stops early, because nobody needs the exact number of a million rows and each
/// page would wait for it.
/// </summary>
/// <param name="Count">The number of rows, at most <see cref="Most"/>.</param>
/// <param name="IsExact">Whether that is all of them.</param>
public readonly record struct ListTotal(int Count, bool IsExact)
{
    /// <summary>The largest number of rows that is counted.</summary>
    public const int Most = 10_000;

    /// <summary>Turns a number of rows, counted up to one more than <see cref="Most"/>, into a total.</summary>
    internal static ListTotal Of(int count) => count > Most ? new(Most, false) : new(count, true);

    /// <summary>Counts the rows of a query that is not sorted.</summary>
    internal static async Task<ListTotal> CountAsync<T>(IQueryable<T> rows, CancellationToken cancellationToken) =>
        Of(await UpTo(rows, Most + 1).CountAsync(cancellationToken));

    /// <summary>
    /// At most so many of the rows. The number stands in the statement, not in a parameter: the planner expects a tenth
    /// of all rows from a limit that it does not know.
    /// </summary>
    internal static IQueryable<T> UpTo<T>(IQueryable<T> rows, int most)
    {
        var constant = Expression.Call(typeof(EF), nameof(EF.Constant), [typeof(int)], Expression.Constant(most));
        return rows.Provider.CreateQuery<T>(
            Expression.Call(typeof(Queryable), nameof(Queryable.Take), [typeof(T)], rows.Expression, constant));
    }
}

/// <summary>
/// A place in a sorted list: beside a row that was just shown. A page that is read from a place costs the same wherever
/// it is, while one that is read by its number passes over all rows before it.
/// </summary>
/// <param name="Id">The id of the row.</param>
/// <param name="Before">Whether the rows before it are wanted, not those after it.</param>
public sealed record ListPlace<TId>(TId Id, bool Before);
