using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// The place of a result in the list. It holds the values and not only the tenant's id, because a result that failed
/// meanwhile has moved, and the next page must not move with it.
/// </summary>
/// <param name="Rank">0 for failed ones, 1 for skipped ones, 2 for the others.</param>
/// <param name="Name">The tenant's name.</param>
public sealed record OperationItemPlace(int Rank, string? Name, int TenantId)
{
    /// <summary>Where this result stands.</summary>
    public static OperationItemPlace Of(OperationItem item) => new(
        item.State switch { OperationItemState.Failed => 0, OperationItemState.Skipped => 1, _ => 2 }, item.Name,
        item.TenantId);
}

/// <summary>
/// The results of an operation on many tenants, sorted by rank, name and id. Results of one state have one rank. After
/// a place, equal names, later names, missing names and later ranks are parts of their own: each is one range of an
/// index.
/// </summary>
internal sealed class OperationItemList(IQueryable<OperationItem> all, OperationItemState? state)
{
    private const int Ranks = 3;

    private readonly IQueryable<OperationItem> _chosen = state is { } only ? all.Where(i => i.State == only) : all;

    /// <summary>Counts the results.</summary>
    public Task<ListTotal> CountAsync(CancellationToken cancellationToken) =>
        ListTotal.CountAsync(_chosen.Select(i => i.TenantId), cancellationToken);

    /// <summary>The list in the direction of the span, beside <paramref name="place"/> if there is one.</summary>
    public IReadOnlyList<IQueryable<OperationItem>> Parts(ListSpan span, OperationItemPlace? place)
    {
        var up = span.IsForward;
        if (place is not { } at || !span.IsPlaced)
        {
            return [state is null ? SortAll(up) : SortByName(_chosen, up)];
        }

        var same = OfRank(at.Rank);
        var id = at.TenantId;
        var equal = at.Name is { } name
            ? same.Where(i => EF.Functions.Collate(i.Name!, MasterContext.Collation) == name)
            : same.Where(i => i.Name == null);
        var parts = new List<IQueryable<OperationItem>>
        {
            SortByName(up ? equal.Where(i => i.TenantId > id) : equal.Where(i => i.TenantId < id), up),
        };
#pragma warning disable CA1309 // The database compares, by its collation.
        if (at.Name is { } after)
        {
            parts.Add(SortByName(same.Where(i => up
                ? string.Compare(EF.Functions.Collate(i.Name!, MasterContext.Collation), after) > 0
                : string.Compare(EF.Functions.Collate(i.Name!, MasterContext.Collation), after) < 0), up));
        }
#pragma warning restore CA1309

        // PostgreSQL sorts missing values after all others.
        if (up == at.Name is not null)
        {
            parts.Add(SortByName(up ? same.Where(i => i.Name == null) : same.Where(i => i.Name != null), up));
        }

        if (state is null)
        {
            parts.AddRange((up ? Enumerable.Range(at.Rank + 1, Ranks - 1 - at.Rank)
                : Enumerable.Range(0, at.Rank).Reverse()).Select(rank => SortByName(OfRank(rank), up)));
        }

        return parts;
    }

    private IQueryable<OperationItem> OfRank(int rank) => state is not null ? _chosen : _chosen.Where(
        i => (i.State == OperationItemState.Failed ? 0 : i.State == OperationItemState.Skipped ? 1 : 2) == rank);

    private IQueryable<OperationItem> SortAll(bool up) => up
        ? _chosen.OrderBy(i => i.State == OperationItemState.Failed ? 0 : i.State == OperationItemState.Skipped ? 1 : 2)
            .ThenBy(i => EF.Functions.Collate(i.Name!, MasterContext.Collation)).ThenBy(i => i.TenantId)
        : _chosen.OrderByDescending(
            i => i.State == OperationItemState.Failed ? 0 : i.State == OperationItemState.Skipped ? 1 : 2)
            .ThenByDescending(i => EF.Functions.Collate(i.Name!, MasterContext.Collation))
            .ThenByDescending(i => i.TenantId);

    private static IQueryable<OperationItem> SortByName(IQueryable<OperationItem> items, bool up) => up
        ? items.OrderBy(i => EF.Functions.Collate(i.Name!, MasterContext.Collation)).ThenBy(i => i.TenantId)
        : items.OrderByDescending(i => EF.Functions.Collate(i.Name!, MasterContext.Collation))
            .ThenByDescending(i => i.TenantId);
}
