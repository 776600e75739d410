using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// The operations that match a query, newest first. A query that is one of several things (on a tenant, or on many and
/// this tenant among them; in one of several states) is a branch for each: together they would be sorted whole, while
/// each of them is a range of an index.
/// </summary>
internal sealed class OperationList(MasterContext db, OperationQuery query)
{
    /// <summary>The stored <see cref="Operation.ShownState"/>.</summary>
    public const string Shown = "StoredShownState";

    /// <summary>Counts the matching operations.</summary>
    public Task<ListTotal> CountAsync(CancellationToken cancellationToken) =>
        ListTotal.CountAsync(
            Branches().Select(b => b.Select(o => o.Id)).Aggregate((a, b) => a.Concat(b)), cancellationToken);

    /// <summary>When the operation of <see cref="OperationQuery.Place"/> was created.</summary>
    public async Task<OperationPlace?> FindPlaceAsync(CancellationToken cancellationToken) =>
        query.Place is not { } place ? null : await db.Set<Operation>().Where(o => o.Id == place.Id)
            .Select(o => new OperationPlace(o.CreatedAt, o.Id)).SingleOrDefaultAsync(cancellationToken);

    /// <summary>The list in the direction of the span, beside <paramref name="place"/> if there is one.</summary>
    public IReadOnlyList<IQueryable<Operation>> Parts(ListSpan span, OperationPlace? place)
    {
        var branches = Branches().ToList();
        if (place is { } at && span.IsPlaced)
        {
            // Operations of one moment are few: those of one transaction.
            var same = branches.Select(b => span.IsForward
                ? b.Where(o => o.CreatedAt == at.CreatedAt && o.Id.CompareTo(at.Id) < 0)
                : b.Where(o => o.CreatedAt == at.CreatedAt && o.Id.CompareTo(at.Id) > 0));
            var later = branches.Select(b => span.IsForward
                ? b.Where(o => o.CreatedAt < at.CreatedAt) : b.Where(o => o.CreatedAt > at.CreatedAt));
            return [Merge([.. same], span), Merge([.. later], span)];
        }

        return [Merge(branches, span)];
    }

    private IQueryable<Operation> Merge(List<IQueryable<Operation>> branches, ListSpan span)
    {
        if (branches.Count == 1)
        {
            return Sort(branches[0], span);
        }

        var enough = (int)Math.Min((Math.Abs((long)span.Page) * span.Size) + 1, int.MaxValue);
        var ids = branches.Select(b => Sort(b, span).Take(span.IsPlaced ? span.Size + 1 : enough).Select(o => o.Id))
            .Aggregate((a, b) => a.Concat(b));
        return Sort(db.Set<Operation>().AsNoTracking().Where(o => ids.Contains(o.Id)), span);
    }

    private static IQueryable<Operation> Sort(IQueryable<Operation> operations, ListSpan span) => span.IsForward
        ? operations.OrderByDescending(o => o.CreatedAt).ThenByDescending(o => o.Id)
        : operations.OrderBy(o => o.CreatedAt).ThenBy(o => o.Id);

    private IEnumerable<IQueryable<Operation>> Branches() =>
        from whose in OfTenant()
        from branch in InStates(Narrow(whose))
        select branch;

    private IEnumerable<IQueryable<Operation>> OfTenant()
    {
        var all = db.Set<Operation>().AsNoTracking();
        if (query.TenantId is not { } tenant)
        {
            yield return all;
            yield break;
        }

        yield return all.Where(o => o.TenantId == tenant);
        if (query.WithMany)
        {
            yield return all.Where(o => o.RequestedBy != null && (o.TenantId == null || o.TenantId != tenant)
                && db.Set<OperationItem>().Any(
                    i => i.OperationId == o.Id && i.TenantId == tenant && i.State == OperationItemState.Done));
        }
    }

    private IQueryable<Operation> Narrow(IQueryable<Operation> operations)
    {
        operations = query.Kind is not { } kind ? operations : operations.Where(o => o.Kind == kind);
        return query.HideRoutine ? operations.Where(o => o.ParentId == null)
            .Where(o => o.TenantId != null || o.RequestedBy != null || o.State != OperationState.Succeeded)
            : operations;
    }

    // Filters by the state that people see.
    private IEnumerable<IQueryable<Operation>> InStates(IQueryable<Operation> operations) =>
        query.States is not { Count: > 0 } states ? [operations]
            : states.Distinct()
                .Select(state => operations.Where(o => EF.Property<OperationState?>(o, Shown) == state));
}

/// <summary>Where an operation stands in the list.</summary>
internal sealed record OperationPlace(DateTimeOffset CreatedAt, Guid Id);
