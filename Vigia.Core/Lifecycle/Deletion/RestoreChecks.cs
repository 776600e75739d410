using Vigia.Core.Lifecycle.Isolation;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Lifecycle.SchemaUpgrades;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>The steps that make a restored tenant usable again, and prove that it is.</summary>
internal sealed class RestoreChecks(
    RestoredDatabase database, TenantContentSteps content, SchemaUpgradeSteps schema, ProofSteps proof)
{
    /// <summary>The portal may have been upgraded while the tenant was in the trash.</summary>
    public Task MigrateAsync(OperationContext context, CancellationToken cancellationToken) =>
        database.OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (RestoredDatabase.Before(context).State == TenantState.Ready)
            {
                await schema.UpgradeAsync(context, found, cancellationToken);
            }
        }, cancellationToken);

    public Task VerifyAsync(OperationContext context, CancellationToken cancellationToken) =>
        database.OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (RestoredDatabase.Before(context).State == TenantState.Ready)
            {
                await content.VerifyAsTenantAsync(context.TenantId, found, cancellationToken);
            }
        }, cancellationToken);

    /// <summary>
    /// Proves the isolation as after provisioning, because somebody may have opened the database while it was in the
    /// trash.
    /// </summary>
    public Task ProveAsync(OperationContext context, CancellationToken cancellationToken) =>
        database.OnDatabaseAsync(context, async (_, _, found, _) =>
        {
            if (RestoredDatabase.Before(context).State == TenantState.Ready)
            {
                await proof.ProveAsync(context, found, ProofCause.Restore, cancellationToken);
            }
        }, cancellationToken);
}
