using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Decides, under the tenant's locks, whether a deletion or a restore still applies to the tenant. A failed operation
/// can be retried or cancelled much later, when another one may have replaced it.
/// </summary>
internal static class DeletionDecision
{
    /// <summary>Refuses a deletion that is not the current one.</summary>
    /// <exception cref="RuleException"><c>operation_overtaken</c>.</exception>
    public static async Task DemandDeletingAsync(
        MasterContext db, LockedTenant locked, Operation operation, CancellationToken cancellationToken)
    {
        var own = locked switch
        {
            // It has reached the trash, and no restore has begun.
            { Trashed: { } trashed } => trashed.DeleteOperationId == operation.Id && locked.Registered is null,
            { Registered.State: TenantState.Deleting } => await IsNewestAsync(db, operation, cancellationToken),
            _ => false,
        };
        if (!own)
        {
            throw new RuleException("operation_overtaken");
        }
    }

    /// <summary>Reads and decides in its own transaction, before a step acts.</summary>
    /// <exception cref="RuleException"><c>operation_overtaken</c>.</exception>
    public static async Task DemandDeletingAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        await DemandDeletingAsync(db, locked, context.Operation, cancellationToken);
    }

    /// <summary>Refuses a restore that is not the current one.</summary>
    /// <exception cref="RuleException"><c>operation_overtaken</c>; <c>drop_begun</c>.</exception>
    public static void DemandRestoring(LockedTenant locked, Operation operation)
    {
        if (locked is not { Registered: not null, Trashed: { } trashed } || trashed.RestoreOperationId != operation.Id)
        {
            throw new RuleException("operation_overtaken");
        }

        if (trashed.DropBegunAt is not null)
        {
            throw new RuleException("drop_begun");
        }
    }

    /// <summary>
    /// Whether the restore has been committed: the tenant is in the registry and no longer in the trash.
    /// </summary>
    public static bool IsRestored(LockedTenant locked) => locked is { Registered: not null, Trashed: null };

    // A deletion that waits for a second person does not count, because it has not begun.
    private static async Task<bool> IsNewestAsync(
        MasterContext db, Operation operation, CancellationToken cancellationToken)
    {
        var newer = await db.Set<Operation>().AsNoTracking()
            .Where(o => o.TenantId == operation.TenantId && o.Kind == DeleteTenant.KindName
                && o.CreatedAt > operation.CreatedAt && o.State != OperationState.Cancelled)
            .Select(o => o.Data).ToListAsync(cancellationToken);
        return newer.TrueForAll(data => JsonSerializer.Deserialize<DeletionData>(data)!.WaitsForApproval);
    }
}
