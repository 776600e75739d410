using Microsoft.EntityFrameworkCore;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Audit;

/// <summary>Records of one operation on many tenants that are shown as one row.</summary>
/// <param name="Tenants">The number of tenants, at least two.</param>
/// <param name="OperationId">The operation on many tenants.</param>
/// <param name="HasChildren">Whether each tenant had an operation of its own, which that one began.</param>
public sealed record AuditFold(int Tenants, Guid OperationId, bool HasChildren);

/// <summary>
/// Folds the records that an operation on many tenants wrote about each of them: the newest one stands for the older
/// ones that follow it, although a few other records may lie between. A record is compared only with those just after
/// it in the chain, so a page is read in both directions and from any place at the same cost. A row stands for at most
/// <see cref="Block"/> records, so a page looks at no more than that for each of its rows.
/// </summary>
internal static class AuditFolding
{
    /// <summary>How many places may lie between two records that are folded.</summary>
    private const int Gap = 50;

    /// <summary>
    /// Records are folded within blocks of this many places of the chain. A larger run is several rows.
    /// </summary>
    internal const int Block = 500;

    /// <summary>Leaves out the records that a newer one stands for.</summary>
    /// <param name="events">The records, without a filter by tenant, operation or text.</param>
    /// <param name="to">The moment after the last one; a newer record does not stand for them.</param>
    public static IQueryable<AuditEvent> WithoutFolded(
        MasterContext db, IQueryable<AuditEvent> events, DateTimeOffset? to)
    {
        var (newer, children) = (db.Set<AuditEvent>().AsQueryable(), Children(db));
        newer = to is { } end ? newer.Where(n => n.At < end) : newer;

        // The few records of the gap are taken first, in the order of the chain: otherwise the planner searches all
        // records that have an operation. The operation on many of each is looked up by its id, for the same reason.
        return events.Where(e => e.TenantId == null || e.OperationId == null || !newer
            .Where(n => n.Seq > e.Seq && n.Seq <= e.Seq + Gap && n.Action == e.Action).OrderBy(n => n.Seq).Take(Gap)
            .Any(n => n.Seq / Block == e.Seq / Block && n.TenantId != null && n.TenantId != e.TenantId
                && n.OperationId != null
                && (n.OperationId == e.OperationId
                    || (children.Where(c => c.Id == n.OperationId).Select(c => (Guid?)c.ParentId).FirstOrDefault()
                            ?? n.OperationId!.Value)
                        == (children.Where(c => c.Id == e.OperationId).Select(c => (Guid?)c.ParentId).FirstOrDefault()
                            ?? e.OperationId!.Value))));
    }

    /// <summary>Finds which of these records of a page stand for others, by their places.</summary>
    public static async Task<IReadOnlyDictionary<long, AuditFold>> FindAsync(
        MasterContext db, IEnumerable<AuditEvent> page, CancellationToken cancellationToken)
    {
        var heads = page.Where(e => e is { TenantId: not null, OperationId: not null }).Select(e => e.Seq).ToArray();
        if (heads.Length == 0)
        {
            return new Dictionary<long, AuditFold>();
        }

        var folds = await db.Database.SqlQuery<FoldRow>(
            $"""
            SELECT h.seq, coalesce(o.parent_id, h.operation_id) AS operation_id,
                   o.parent_id IS NOT NULL AS has_children, run.tenants
            FROM portal.audit_events h LEFT JOIN portal.operations o ON o.id = h.operation_id
            CROSS JOIN LATERAL (
                SELECT count(DISTINCT member.tenant_id)::int AS tenants
                FROM (SELECT tenant_id,
                             sum(CASE WHEN newer - seq > {Gap} THEN 1 ELSE 0 END) OVER (ORDER BY seq DESC) AS run
                      FROM (SELECT m.tenant_id, m.seq, lag(m.seq) OVER (ORDER BY m.seq DESC) AS newer
                            FROM portal.audit_events m
                            WHERE m.seq <= h.seq AND m.seq >= h.seq / {Block} * {Block} AND m.action = h.action
                                AND m.tenant_id IS NOT NULL
                                AND (m.operation_id = h.operation_id OR coalesce(
                                    (SELECT c.parent_id FROM portal.operations c WHERE c.id = m.operation_id),
                                    m.operation_id) = coalesce(o.parent_id, h.operation_id))) members) member
                WHERE member.run = 0) run
            WHERE h.seq = ANY ({heads}) AND run.tenants > 1
            """).ToListAsync(cancellationToken);
        return folds.ToDictionary(f => f.Seq, f => new AuditFold(f.Tenants, f.OperationId, f.HasChildren));
    }

    // The engine that writes this table is on a floor above.
    private static IQueryable<ChildOperation> Children(MasterContext db) => db.Database.SqlQuery<ChildOperation>(
        $"SELECT id, parent_id FROM portal.operations WHERE parent_id IS NOT NULL");

    private sealed record ChildOperation(Guid Id, Guid ParentId);

    private sealed record FoldRow(long Seq, Guid OperationId, bool HasChildren, int Tenants);
}
