using Microsoft.EntityFrameworkCore;
using Vigia.Core.Errors;
using Vigia.Core.Master;

namespace Vigia.Core.Operations;

/// <summary>What became of one client in an operation on many.</summary>
public sealed class OperationItem
{
    public Guid OperationId { get; init; }

    /// <summary>No foreign key: history outlives the client.</summary>
    public int TenantId { get; init; }

    /// <summary>The legal name when it was asked for, else the sub-domain.</summary>
    public string? Name { get; init; }
    public string? Ruc { get; init; }
    public string? Subdomain { get; init; }
    public OperationItemState State { get; set; }

    /// <summary>Why it was skipped or failed; null otherwise.</summary>
    public Message? Message { get; set; }

    /// <summary>An operation on this client alone that this one began.</summary>
    public Guid? ChildOperationId { get; set; }

    /// <summary>When it was done, skipped or failed.</summary>
    public DateTimeOffset? At { get; set; }
}

/// <summary>The clients of an operation on many, as it is asked for.</summary>
internal static class OperationItems
{
    /// <summary>Adds them in one statement: a registry of 100,000 clients is chosen as easily as a page of it. The operation's row must be there.</summary>
    /// <param name="db">The context of the transaction in which the operation is queued.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="chosen">The clients; those with a reason's code are skipped.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public static async Task AddAsync(MasterContext db, Guid operation, IReadOnlyCollection<(int TenantId, string? WhyNot)> chosen, CancellationToken cancellationToken)
    {
        var (ids, reasons) = (chosen.Select(c => c.TenantId).ToArray(), chosen.Select(c => c.WhyNot).ToArray());
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO portal.operation_items (operation_id, tenant_id, name, ruc, subdomain, state, message, at)
            SELECT {operation}, chosen.id, coalesce(t.razon_social, t.subdominio), t.ruc, t.subdominio, CASE WHEN chosen.why IS NULL THEN 'pending' ELSE 'skipped' END,
                   CASE WHEN chosen.why IS NOT NULL THEN jsonb_build_object('Code', chosen.why, 'Args', '[]'::jsonb) END,
                   CASE WHEN chosen.why IS NOT NULL THEN now() END
            FROM unnest({ids}, {reasons}) AS chosen (id, why) LEFT JOIN public.clientes_saas t ON t.id = chosen.id
            """,
            cancellationToken);
    }
}

/// <summary>Stored in lower case.</summary>
public enum OperationItemState
{
    Pending,
    Done,
    Skipped,
    Failed,
}
