using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Master;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>Corrects a wrong RUC. See docs/rules.md#identity-mistakes.</summary>
public sealed class TenantRucCorrection(IDbContextFactory<MasterContext> contexts, AuditTrail audit)
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
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        TenantAction.CorrectRuc.Demand(TenantStanding.Of(tenant));

        if (tenant.Ruc == right.Value)
        {
            return false;
        }

        var entry = new AuditEntry("tenant.ruc_corrected")
        {
            TenantId = tenantId,
            Ruc = right.Value,
            Subdomain = tenant.Subdomain,
            Reason = reason!.Trim(),
            Before = new Dictionary<string, object?> { ["ruc"] = tenant.Ruc },
            After = new Dictionary<string, object?> { ["ruc"] = right.Value },
        };
        tenant.CorrectRuc(right);
        try
        {
            await audit.CommitAsync(db, actor, entry, cancellationToken);
            return true;
        }
        catch (DbUpdateException e) when (
            e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("ruc_taken", await FindHolderAsync(right.Value, cancellationToken));
        }
    }

    private async Task<string> FindHolderAsync(string ruc, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Set<Tenant>().Where(t => t.Ruc == ruc).Select(t => t.LegalName)
            .FirstOrDefaultAsync(cancellationToken) ?? "";
    }
}
