using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Isolation;
using Vigia.Core.Master;
using Vigia.Core.Operations;
using Vigia.Core.Tenants;

namespace Vigia.Core.Provisioning;

/// <summary>Brings a client's database to life (architecture section 5): from the template to a verified tenant whose own role reads it.</summary>
internal sealed class ProvisionTenant(DatabaseSteps databases, IsolationSteps isolation, TenantContentSteps content, ProofSteps proof) : OperationDefinition
{
    public const string KindName = "provision_tenant";

    public override string Kind => KindName;

    public override IReadOnlyList<Step> StepsFor(Operation operation) =>
    [
        new("reserve", databases.ReserveAsync, UnreserveAsync),
        new("create_database", databases.CreateAsync, databases.DropUnfinishedAsync),
        new("init_schema", content.InitSchemaAsync),
        new("isolate", isolation.IsolateAsync),
        new("create_admin", content.CreateAdminAsync),
        new("prove", proof.ProveNewAsync),
        new("verify", content.VerifyAsync),
    ];

    /// <summary>Until the tenant is ready nothing depends on it.</summary>
    public override bool CanCancel(Operation operation) => true;

    public override async Task<bool> IsTooLateToCancelAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await using var db = await context.OpenMasterAsync(cancellationToken);
        return await db.Tenants.AnyAsync(t => t.Id == context.TenantId && t.State == TenantState.Ready, cancellationToken);
    }

    public override Task OnFailedAsync(MasterContext db, OperationContext context, Message error, CancellationToken cancellationToken) =>
        SetStateAsync(db, context.TenantId, TenantState.Failed, cancellationToken);

    public override Task OnCancelledAsync(MasterContext db, OperationContext context, CancellationToken cancellationToken) =>
        SetStateAsync(db, context.TenantId, TenantState.Registered, cancellationToken);

    public override Task OnRetryAsync(MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        SetStateAsync(db, operation.TenantId!.Value, TenantState.Provisioning, cancellationToken);

    private static Task<int> SetStateAsync(MasterContext db, int tenantId, TenantState state, CancellationToken cancellationToken) =>
        db.Tenants.Where(t => t.Id == tenantId && t.State != TenantState.Ready)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.State, state), cancellationToken);

    // The database is dropped first (steps are undone in reverse): a role with a right on a database can't be dropped.
    private async Task UnreserveAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await isolation.DropRolesAsync(context, cancellationToken);
        await using var db = await context.OpenMasterAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Databases.Where(d => d.TenantId == context.TenantId).ExecuteDeleteAsync(cancellationToken);
        await context.CommitAsync(db, Array.Empty<AuditEntry>(), cancellationToken);
    }
}
