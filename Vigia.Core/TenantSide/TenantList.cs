using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.TenantSide;

/// <summary>A page of rows of a tenant's database.</summary>
public sealed record TenantList<T>(IReadOnlyList<T> Items, int Total, int Page, int PageSize)
    : ListPage<T>(Items, Total, Page, PageSize)
{
    /// <summary>Reads a page of rows that are sorted.</summary>
    internal static async Task<TenantList<T>> ReadAsync(
        IQueryable<T> rows, int page, int size, CancellationToken cancellationToken)
    {
        size = Math.Clamp(size, 1, Registry.Master.PageSize.Max);
        var total = await ListTotal.CountAsync(rows, cancellationToken);
        var before = (int)Math.Min((Math.Max(page, 1) - 1L) * size, int.MaxValue);
        var items = await rows.Skip(before).Take(size).ToListAsync(cancellationToken);
        return new TenantList<T>(items, total.Count, Math.Max(page, 1), size) { TotalIsExact = total.IsExact };
    }
}
