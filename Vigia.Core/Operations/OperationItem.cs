using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Operations;

/// <summary>The result of an operation on many tenants for one of them.</summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class OperationItem
{
    public Guid OperationId { get; init; }

    /// <summary>Not a foreign key, because history stays longer than the tenant.</summary>
    public int TenantId { get; init; }

    /// <summary>The legal name at the time of the request, else the sub-domain.</summary>
    public string? Name { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }

    /// <summary>The database that the person approved, where the operation is about an approved one.</summary>
    public string? DatabaseName { get; init; }
    public OperationItemState State { get; set; }

    /// <summary>Why the tenant was skipped or failed. Null otherwise.</summary>
    public Message? Message { get; set; }

    /// <summary>The child operation for this tenant.</summary>
    public Guid? ChildOperationId { get; set; }

    /// <summary>When the tenant was done, skipped or failed.</summary>
    public DateTimeOffset? At { get; set; }
}

/// <summary>Writes the tenants of an operation on many tenants when it is requested.</summary>
internal static class OperationItems
{
    /// <summary>
    /// Adds the tenants in one statement, so that a registry of 100,000 tenants is as fast as one page. A tenant with a
    /// skip reason (a message code) is marked as skipped. The operation's row must already exist in the transaction of
    /// <paramref name="db"/>.
    /// </summary>
    /// <param name="databases">The database of each tenant that the person approved, if any.</param>
    public static async Task AddAsync(
        MasterContext db, Guid operation, IReadOnlyCollection<(int TenantId, string? SkipReason)> chosen,
        IReadOnlyDictionary<int, string>? databases, CancellationToken cancellationToken)
    {
        var (ids, reasons) = (chosen.Select(c => c.TenantId).ToArray(), chosen.Select(c => c.SkipReason).ToArray());
        var approved = ids.Select(id => databases?.GetValueOrDefault(id)).ToArray();
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.operation_items (
                operation_id, tenant_id, name, ruc, subdomain, database_name, state, message, at)
            SELECT {operation}, chosen.id, coalesce(t.razon_social, t.subdominio), t.ruc, t.subdominio,
                   chosen.database,
                   CASE WHEN chosen.why IS NULL THEN 'pending' ELSE 'skipped' END,
                   CASE WHEN chosen.why IS NOT NULL
                        THEN jsonb_build_object('Code', chosen.why, 'Args', '[]'::jsonb) END,
                   CASE WHEN chosen.why IS NOT NULL THEN now() END
            FROM unnest({ids}, {reasons}, {approved}) AS chosen (id, why, database)
            LEFT JOIN public.clientes_saas t ON t.id = chosen.id
            """,
            cancellationToken);
    }
}

[StoredInLowerCase]
public enum OperationItemState
{
    Pending,
    Done,
    Skipped,
    Failed,
}
