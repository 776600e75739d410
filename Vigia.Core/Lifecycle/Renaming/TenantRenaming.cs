using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Lifecycle.Renaming;

/// <summary>Renames tenants, and lists the names that they had. See docs/rules.md#identity-mistakes.</summary>
public sealed class TenantRenaming(
    IDbContextFactory<MasterContext> contexts, TenantRequests requests, TimeProvider time)
{
    /// <summary>
    /// Requests another sub-domain for a tenant. Its present one becomes an alias for
    /// <see cref="TenantAlias.Lifetime"/>; until then, a second rename can give it back. A reason is required.
    /// </summary>
    /// <returns>The operation's id.</returns>
    /// <exception cref="InvalidInputException"><c>subdominio</c>, <c>reason</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; the refusals of <see cref="TenantAction.Rename"/>; <c>operation_running</c>: another
    /// rename has not ended; <c>subdominio_taken</c>, which names the tenant that has the name or keeps it as an alias;
    /// <c>subdominio_kept</c>: it is the alias of a tenant that was destroyed; <c>db_name_taken</c>: the database of
    /// the name is another tenant's.
    /// </exception>
    public async Task<Guid> RenameAsync(
        Actor actor, int tenantId, string? subdomain, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Rename.Right);
        var wanted = new Subdomain(subdomain?.Trim());
        TenantRules.DemandReason(reason);
        return await requests.EnqueueAsync(
            actor, tenantId, TenantAction.Rename,
            (db, tenant, token) => PrepareAsync(db, tenant, wanted.Value, reason!.Trim(), token), cancellationToken);
    }

    /// <summary>
    /// Lists the former names of a tenant that are still aliases and not its present name, the newest first.
    /// </summary>
    public async Task<IReadOnlyList<TenantAlias>> AliasesAsync(
        Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsView);
        var now = time.GetUtcNow();
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        return await db.Set<TenantAlias>().AsNoTracking().Where(a => a.TenantId == tenantId && a.EndsAt > now
                && !db.Set<Tenant>().Any(t => t.Id == tenantId && t.Subdomain == a.Name))
            .OrderByDescending(a => a.StartedAt).ToListAsync(cancellationToken);
    }

    private async Task<TenantRequest> PrepareAsync(
        MasterContext db, Tenant tenant, string wanted, string reason, CancellationToken cancellationToken)
    {
        if (tenant.Subdomain == wanted)
        {
            throw new InvalidInputException("subdominio", new Message("subdominio_same"));
        }

        // Checked under the lock of the row: the unique index alone would accept a second rename behind a running one.
        if (await db.Set<Operation>().AnyAsync(
            o => o.TenantId == tenant.Id && o.Kind == RenameTenant.KindName
                && OperationStates.Unfinished.Contains(o.State), cancellationToken))
        {
            throw new RuleException("operation_running");
        }

        // The unique index and the trigger decide in the end. This answers at once in the usual case.
        if (await SubdomainHolders.FindAsync(db, wanted, tenant.Id, time.GetUtcNow(), cancellationToken)
            is { } holder)
        {
            throw SubdomainHolders.Refusal(holder);
        }

        await RenameDecision.DemandFreeDatabaseNameAsync(db, tenant, wanted, cancellationToken);

        return new TenantRequest(new AuditEntry("tenant.rename_requested")
        {
            Reason = reason,
            Before = new Dictionary<string, object?> { ["subdominio"] = tenant.Subdomain },
            After = new Dictionary<string, object?> { ["subdominio"] = wanted },
        }, new RenameData(tenant.Subdomain ?? "", wanted, reason));
    }
}
