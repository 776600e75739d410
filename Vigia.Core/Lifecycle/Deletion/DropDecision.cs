using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>
/// Decides, under the tenant's locks, whether an operation may drop what is in the trash, and records that the drop has
/// begun. An operation may run hours after it was requested, so each step that drops decides again, at every attempt.
/// </summary>
internal static class DropDecision
{
    /// <summary>
    /// Locks, decides, writes <c>drop_begun_at</c> and commits. The caller may drop only after that.
    /// </summary>
    /// <returns>The row of the trash; null when the tenant has already been purged.</returns>
    /// <exception cref="RuleException">See <see cref="Demand"/>.</exception>
    public static async Task<TrashedTenant?> BeginAsync(
        OperationContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (Demand(locked, context.Operation, time.GetUtcNow()) is not { } trashed)
        {
            return null;
        }

        trashed.DropBegunAt ??= time.GetUtcNow();
        await context.CommitAsync(db, [], cancellationToken);
        return trashed;
    }

    /// <summary>Decides without writing anything, before a step inspects the server.</summary>
    /// <returns>False when the tenant has already been purged.</returns>
    /// <exception cref="RuleException">See <see cref="Demand"/>.</exception>
    public static async Task<bool> MayDropAsync(
        OperationContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        return Demand(locked, context.Operation, time.GetUtcNow()) is not null;
    }

    /// <summary>Refuses an operation that may not drop the tenant in its present state.</summary>
    /// <returns>The row of the trash; null when the tenant has already been purged.</returns>
    /// <exception cref="RuleException">
    /// <c>tenant_is_registered</c>, <c>restore_begun</c>; <c>operation_overtaken</c>: the tenant was restored and
    /// deleted again; <c>retention_not_over</c>.
    /// </exception>
    public static TrashedTenant? Demand(LockedTenant locked, Operation operation, DateTimeOffset now)
    {
        if (locked.Trashed is not { } trashed)
        {
            return locked.Registered is null ? null : throw new RuleException("tenant_is_registered");
        }

        if (trashed.RestoreOperationId is not null)
        {
            throw new RuleException("restore_begun");
        }

        if (locked.Registered is not null)
        {
            throw new RuleException("tenant_is_registered");
        }

        var (stay, early) = RightOf(operation);
        if (trashed.DeleteOperationId != stay)
        {
            throw new RuleException("operation_overtaken");
        }

        // A drop that has begun must be finished, even if this instance's clock says that the retention is not over.
        if (trashed.DropBegunAt is null && !early && trashed.PurgeAfter > now)
        {
            throw new RuleException("retention_not_over", LimaTime.Argument(trashed.PurgeAfter));
        }

        return trashed;
    }

    // A deletion without retention drops the tenant itself, after moving it to the trash.
    private static (Guid Stay, bool Early) RightOf(Operation operation) => operation.Kind == DeleteTenant.KindName
        ? (operation.Id, System.Text.Json.JsonSerializer.Deserialize<DeletionData>(operation.Data)!.RetentionDays == 0)
        : System.Text.Json.JsonSerializer.Deserialize<PurgeData>(operation.Data) is { } data ? (data.Stay, data.Early)
            : default;
}
