using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;
using Vigia.Core.Staff.Decisions;

namespace Vigia.Core.Lifecycle.Deletion;

/// <summary>Begins a tenant's deletion when a second person has approved it.</summary>
internal sealed class DeletionApproval(TenantDeletion deletion) : OperationApproval
{
    public override OperationKind Kind => DeleteTenant.KindName;

    public override string Right => TenantAction.Delete.Right;

    public override string SignatureMeaning => "sign_tenant_delete_approve";

    public override Task BeginAsync(MasterContext db, Operation operation, CancellationToken cancellationToken) =>
        deletion.BeginApprovedAsync(db, operation, cancellationToken);
}
