using Microsoft.EntityFrameworkCore;
using Npgsql;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Staff;

namespace Vigia.Core.Tenants;

/// <summary>Corrects a RUC that was typed wrong (facts 7.19): the one field of identity that may be changed, by an administrator, with a reason.</summary>
public sealed class TenantRucCorrection(IDbContextFactory<MasterContext> contexts, AuditTrail audit)
{
    /// <summary>Gives a client another RUC. The one it has already is no change and no record.</summary>
    /// <param name="actor">Who corrects.</param>
    /// <param name="tenantId">The client.</param>
    /// <param name="ruc">The right one; spaces and hyphens are dropped.</param>
    /// <param name="reason">Why; required.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <returns>Whether anything was changed.</returns>
    /// <exception cref="InvalidInputException"><c>ruc</c>, <c>reason</c>.</exception>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>; <c>ruc_taken</c>, naming the holder.</exception>
    public async Task<bool> CorrectAsync(Actor actor, int tenantId, string? ruc, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsRucCorrect);
        var right = new Ruc(ruc);
        TenantRules.DemandReason(reason);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        if (tenant.State == TenantState.Deleting)
        {
            throw new RuleException("not_ready");
        }

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
        tenant.Ruc = right.Value;
        try
        {
            await audit.CommitAsync(db, actor, entry, cancellationToken);
            return true;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            throw new RuleException("ruc_taken", await HolderAsync(right.Value, cancellationToken));
        }
    }

    private async Task<string> HolderAsync(string ruc, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        return await db.Tenants.Where(t => t.Ruc == ruc).Select(t => t.LegalName).FirstOrDefaultAsync(cancellationToken) ?? "";
    }
}
