using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Provisioning;

/// <summary>
/// Decides, under the tenant's locks, whether a provisioning may continue, and whether cancelling it may drop what it
/// created. A failed provisioning can be retried or cancelled much later, when its database may be in use or in the
/// trash.
/// </summary>
internal static class ProvisioningDecision
{
    /// <summary>The states of a tenant that a provisioning may change.</summary>
    public static readonly TenantState[] Unfinished =
        [TenantState.Registered, TenantState.Provisioning, TenantState.Failed];

    /// <summary>Refuses when the tenant is being deleted, in the trash, or being restored.</summary>
    /// <exception cref="RuleException"><c>tenant_unknown</c>; <c>operation_overtaken</c>.</exception>
    public static void DemandProvisioning(LockedTenant locked)
    {
        if (locked is { Registered: null, Trashed: null })
        {
            throw new NotFoundException("tenant_unknown");
        }

        if (locked.Registered is not { } tenant || locked.Trashed is not null || !Unfinished.Contains(tenant.State))
        {
            throw new RuleException("operation_overtaken");
        }
    }

    /// <summary>
    /// Locks, decides, writes <c>drop_begun_at</c> and commits. The caller may drop the database and the roles only
    /// after that. Cancelling a provisioning never drops a database that has once become ready.
    /// </summary>
    /// <returns>The database to drop; null when there is none.</returns>
    /// <exception cref="RuleException"><c>operation_overtaken</c>.</exception>
    public static async Task<ManagedDatabase?> BeginDropAsync(
        OperationContext context, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        if (locked is not { Registered: null, Trashed: null })
        {
            DemandProvisioning(locked);
        }

        var database = await OwnDatabases.Of(db, context.TenantId).SingleOrDefaultAsync(cancellationToken);
        if (locked.Registered?.SchemaVersion is not null
            || database is { SchemaVersion: not null } or { Kind: not DatabaseKind.Tenant })
        {
            throw new RuleException("operation_overtaken");
        }

        if (database is not null)
        {
            database.DropBegunAt ??= time.GetUtcNow();
        }

        await context.CommitAsync(db, [], cancellationToken);
        return database;
    }
}
