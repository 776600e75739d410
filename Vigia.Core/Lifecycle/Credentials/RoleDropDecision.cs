using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Databases;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Credentials;

/// <summary>
/// Decides, under the tenant's locks, whether a rotation may drop a login role, and records that the drop has begun.
/// </summary>
internal static class RoleDropDecision
{
    /// <summary>
    /// Locks, decides, writes <c>drop_begun_at</c> and commits. The caller may drop the role only after that.
    /// </summary>
    /// <returns>
    /// False when this rotation may no longer drop the role: the role is current or was dropped with its tenant.
    /// </returns>
    /// <exception cref="RuleException">
    /// <c>not_ready</c>: the tenant is being deleted, in the trash, or being restored; its roles stay as they are.
    /// </exception>
    public static async Task<bool> BeginAsync(
        OperationContext context, Guid credentialId, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var locked = await LockedTenant.LockAsync(db, context.TenantId, cancellationToken);
        var credential = await db.Set<TenantCredential>()
            .SingleOrDefaultAsync(c => c.Id == credentialId && !c.IsCurrent, cancellationToken);
        if (credential is null)
        {
            return false;
        }

        if (locked is not { Registered.State: TenantState.Ready, Trashed: null })
        {
            throw new RuleException("not_ready");
        }

        credential.DropBegunAt ??= time.GetUtcNow();
        await context.CommitAsync(db, [], cancellationToken);
        return true;
    }
}
