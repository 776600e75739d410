using Microsoft.EntityFrameworkCore;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>Corrects a wrong RUC. See docs/rules.md#identity-mistakes.</summary>
public sealed class TenantRucCorrection(TenantChanges changes, IDbContextFactory<MasterContext> contexts)
{
    /// <summary>
    /// Gives a tenant another RUC; spaces and hyphens are removed. A reason is required. If the tenant already has the
    /// RUC, nothing is changed or recorded.
    /// </summary>
    /// <returns>Whether the RUC changed.</returns>
    /// <exception cref="InvalidInputException"><c>ruc</c>, <c>reason</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>, <c>not_ready</c>; <c>ruc_taken</c>, which names the holder.
    /// </exception>
    public async Task<bool> CorrectAsync(
        Actor actor, int tenantId, string? ruc, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.CorrectRuc.Right);
        var right = new Ruc(ruc);
        TenantRules.DemandReason(reason);
        return await changes.ChangeAsync(
            actor, tenantId, TenantAction.CorrectRuc,
            (_, tenant, _) => Task.FromResult(Correct(tenant, right, reason!.Trim())), null, cancellationToken);
    }

    private TenantChange<bool> Correct(Tenant tenant, Ruc right, string reason)
    {
        if (tenant.Ruc == right.Value)
        {
            return new TenantChange<bool>(false, null);
        }

        var before = tenant.Ruc;
        tenant.CorrectRuc(right);
        return new TenantChange<bool>(true, new AuditEntry("tenant.ruc_corrected")
        {
            Reason = reason,
            Before = new Dictionary<string, object?> { ["ruc"] = before },
            After = new Dictionary<string, object?> { ["ruc"] = right.Value },
        })
        {
            ExplainDuplicateAsync = async cancellationToken =>
                new RuleException("ruc_taken", await FindHolderAsync(right.Value, cancellationToken)),
        };
    }

    private async Task<string> FindHolderAsync(string ruc, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<Tenant>().Where(t => t.Ruc == ruc).Select(t => t.LegalName)
            .FirstOrDefaultAsync(cancellationToken) ?? "";
    }
}
