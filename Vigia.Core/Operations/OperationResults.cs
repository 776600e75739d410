using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>Shows staff the result of each tenant in an operation on many tenants.</summary>
public sealed class OperationResults(IDbContextFactory<MasterContext> contexts)
{
    /// <summary>
    /// Reads a page of the results of an operation on many tenants: failed tenants first, then skipped ones, then the
    /// others, each by name. A tenant that gets done keeps its place. Pages have 1 to 200 tenants. With
    /// <paramref name="state"/>, only tenants in that state are read.
    /// </summary>
    public async Task<OperationItemPage> ListAsync(
        Actor actor, Guid id, OperationItemState? state, int page, int pageSize, CancellationToken cancellationToken,
        ListPlace<OperationItemPlace>? place = null)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenSessionAsync(actor, cancellationToken);
        var all = db.Set<OperationItem>().AsNoTracking().Where(i => i.OperationId == id);
        var counts = await CountAsync(db, all, cancellationToken);
        var list = new OperationItemList(all, state);
        var reading = new ListReading<OperationItem, OperationItem>(
            span => list.Parts(span, place?.Id), (part, cancel) => part.ToListAsync(cancel));
        var size = Math.Clamp(pageSize, 1, OperationService.MaxPageSize);
        var total = ListTotal.Of(state is { } one ? counts.GetValueOrDefault(one) : counts.Values.Sum());
        var slice = await reading.ReadAsync(
            new ListSpan(page == 0 ? 1 : page, size, place is not null, place?.Before == true), total,
            cancellationToken);
        return new OperationItemPage(slice.Rows, counts, total.Count, slice.Page, size)
        {
            TotalIsExact = total.IsExact, HasPrevious = slice.HasPrevious, HasNext = slice.HasNext,
        };
    }

    // Each up to one more than the largest number that is counted, in the order of the index of its state: the order
    // keeps the planner from reading the table instead.
    private static async Task<IReadOnlyDictionary<OperationItemState, int>> CountAsync(
        MasterContext db, IQueryable<OperationItem> all, CancellationToken cancellationToken)
    {
        const int Most = ListTotal.Most + 1;
        var counts = await db.Set<MasterInstance>().Select(_ => new
        {
            Pending = all.Where(i => i.State == OperationItemState.Pending)
                .OrderBy(i => EF.Functions.Collate(i.Name!, MasterContext.Collation)).Take(Most).Count(),
            Done = all.Where(i => i.State == OperationItemState.Done)
                .OrderBy(i => EF.Functions.Collate(i.Name!, MasterContext.Collation)).Take(Most).Count(),
            Skipped = all.Where(i => i.State == OperationItemState.Skipped)
                .OrderBy(i => EF.Functions.Collate(i.Name!, MasterContext.Collation)).Take(Most).Count(),
            Failed = all.Where(i => i.State == OperationItemState.Failed)
                .OrderBy(i => EF.Functions.Collate(i.Name!, MasterContext.Collation)).Take(Most).Count(),
        }).SingleAsync(cancellationToken);
        return new Dictionary<OperationItemState, int>
        {
            [OperationItemState.Pending] = counts.Pending, [OperationItemState.Done] = counts.Done,
            [OperationItemState.Skipped] = counts.Skipped, [OperationItemState.Failed] = counts.Failed,
        }.Where(count => count.Value > 0).ToDictionary();
    }

    /// <summary>Returns the items of these tenants as they are now, by tenant.</summary>
    public async Task<IReadOnlyDictionary<int, OperationItem>> FindAsync(
        Actor actor, Guid id, IReadOnlyCollection<int> tenants, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.OperationsView);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<OperationItem>().AsNoTracking()
            .Where(i => i.OperationId == id && tenants.Contains(i.TenantId))
            .ToDictionaryAsync(i => i.TenantId, cancellationToken);
    }
}
