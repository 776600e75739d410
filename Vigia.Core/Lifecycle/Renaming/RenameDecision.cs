using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Renaming;

/// <summary>Decides, under the tenant's locks, whether a rename may still be done.</summary>
internal static class RenameDecision
{
    /// <summary>The record of a finished rename.</summary>
    public const string Done = "tenant.renamed";

    public static RenameData DataOf(Operation operation) => JsonSerializer.Deserialize<RenameData>(operation.Data)!;

    /// <summary>
    /// Whether the operation has given the tenant its name. The audit trail knows: the alias may have ended since, or
    /// the former name may have been given back.
    /// </summary>
    public static Task<bool> IsDoneAsync(MasterContext db, Guid operationId, CancellationToken cancellationToken) =>
        db.Set<AuditEvent>().AnyAsync(e => e.OperationId == operationId && e.Action == Done, cancellationToken);

    /// <summary>Returns the tenant if it is as it was when the rename was requested.</summary>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>: it is no longer in the registry; the refusals of <see cref="TenantAction.Rename"/>;
    /// <c>renamed_meanwhile</c>: it has another sub-domain by now.
    /// </exception>
    public static Tenant Demand(LockedTenant locked, RenameData data)
    {
        var tenant = locked.Registered ?? throw new NotFoundException("tenant_unknown");
        TenantAction.Rename.Demand(
            TenantStanding.Of(tenant) with { IsBeingRestored = locked.Trashed is not null });
        return tenant.Subdomain == data.From ? tenant
            : throw new RuleException("renamed_meanwhile", tenant.Subdomain ?? "", data.From);
    }
}
