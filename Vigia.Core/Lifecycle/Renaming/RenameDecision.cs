using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Servers;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Renaming;

/// <summary>Decides, under the tenant's locks, whether a rename may still be done.</summary>
internal static class RenameDecision
{
    /// <summary>The record of a finished rename.</summary>
    public const string Done = "tenant.renamed";

    public static RenameData DataOf(Operation operation) => JsonSerializer.Deserialize<RenameData>(operation.Data)!;

    /// <summary>
    /// Whether the operation has renamed the tenant. Only the audit trail shows it: the alias may have ended since, or
    /// the tenant may have got its former name back.
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

    /// <summary>
    /// Demands that no other tenant has the database whose name is derived from the new sub-domain. A program that
    /// derives it so would open that database for this tenant. All tenants count, also those that the person may not
    /// see.
    /// </summary>
    /// <exception cref="RuleException"><c>db_name_taken</c>.</exception>
    public static async Task DemandFreeDatabaseNameAsync(
        MasterContext db, Tenant tenant, string to, CancellationToken cancellationToken)
    {
        var name = DatabaseName.For(new Subdomain(to)).Value;
        if (name == tenant.DatabaseName)
        {
            return;
        }

        var managed = db.Set<ManagedDatabase>().IgnoreQueryFilters().Where(d => d.Name == name);
        if (await db.Set<Tenant>().IgnoreQueryFilters()
                .AnyAsync(t => t.Id != tenant.Id && t.DatabaseName == name, cancellationToken)
            || await db.Set<TrashedTenant>().IgnoreQueryFilters()
                .AnyAsync(t => t.Id != tenant.Id && t.DatabaseName == name, cancellationToken)
            || await managed.AnyAsync(d => d.TenantId != tenant.Id, cancellationToken)
            || (!await managed.AnyAsync(cancellationToken)
                && await db.Set<ObservedDatabase>().IgnoreQueryFilters()
                    .AnyAsync(d => d.Name == name && d.IsPresent, cancellationToken)))
        {
            throw new RuleException("db_name_taken", name);
        }
    }
}
