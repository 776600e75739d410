using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>
/// Reads operations for lists: with their steps, and without the data of the steps, which only a worker needs.
/// </summary>
internal static class ListedOperations
{
    /// <summary>Reads these operations in the order of the query.</summary>
    /// <param name="withData">
    /// The kinds whose data is read. See <see cref="OperationDefinition.IsNamedByData"/>.
    /// </param>
    public static Task<List<Operation>> ReadListedAsync(
        this IQueryable<Operation> operations, OperationKind[] withData, CancellationToken cancellationToken) =>
        operations.AsNoTracking().Select(Columns(withData)).ToListAsync(cancellationToken);

    private static Expression<Func<Operation, Operation>> Columns(OperationKind[] withData) => o => new Operation
    {
        Id = o.Id,
        Kind = o.Kind,
        State = o.State,
        TenantId = o.TenantId,
        Ruc = o.Ruc,
        Subdomain = o.Subdomain,
        ServerId = o.ServerId,
        ParentId = o.ParentId,
        Job = o.Job,
        RequestedBy = o.RequestedBy,
        RequestedByName = o.RequestedByName,
        TraceId = o.TraceId,
        ParentSpanId = o.ParentSpanId,
        Data = withData.Contains(o.Kind) ? o.Data : "{}",
        Priority = o.Priority,
        Attempt = o.Attempt,
        Crashes = o.Crashes,
        Epoch = o.Epoch,
        Worker = o.Worker,
        LeaseUntil = o.LeaseUntil,
        NotBefore = o.NotBefore,
        CreatedAt = o.CreatedAt,
        StartedAt = o.StartedAt,
        FinishedAt = o.FinishedAt,
        Progress = o.Progress,
        Error = o.Error,
        ItemCount = o.ItemCount,
        Steps = o.Steps.OrderBy(s => s.Ordinal).ToList(),
    };
}
