using Microsoft.EntityFrameworkCore;
using Vigia.Core.Audit;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;

namespace Vigia.Core.Tenants;

/// <summary>What a toggle did.</summary>
/// <param name="Changed">Whether anything was; false when it was already so.</param>
/// <param name="OperationId">The provisioning that activating a registered client started.</param>
public sealed record ToggleResult(bool Changed, Guid? OperationId);

/// <summary>Suspends, reactivates and withdraws clients (facts 7.15). Idempotent: of two people in the same second one writes a record.</summary>
public sealed class TenantActivation(
    IDbContextFactory<MasterContext> contexts, TenantProvisioning provisioning, TenantToggle toggle, AuditTrail audit)
{
    /// <summary>Makes a client inactive; its users can't sign in and their tokens are refused from now on.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="tenantId">The client.</param>
    /// <param name="reasonCode">One of <see cref="TenantRules.ReasonCodes"/>.</param>
    /// <param name="reason">In words; required with <c>otro</c>.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    /// <exception cref="InvalidInputException"><c>reason_code</c>, <c>reason</c>.</exception>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>.</exception>
    public async Task<ToggleResult> SuspendAsync(Actor actor, int tenantId, string? reasonCode, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsToggle);
        DemandReason(reasonCode, reason);
        return await DeactivateAsync(actor, tenantId, InactiveKind.Suspended, reasonCode!, reason, cancellationToken);
    }

    /// <summary>Soft delete ("dar de baja"): inactive and out of the default list; everything is kept.</summary>
    /// <inheritdoc cref="SuspendAsync"/>
    public async Task<ToggleResult> WithdrawAsync(Actor actor, int tenantId, string? reasonCode, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsDeleteSoft);
        DemandReason(reasonCode, reason);
        return await DeactivateAsync(actor, tenantId, InactiveKind.Withdrawn, reasonCode!, reason, cancellationToken);
    }

    /// <summary>Makes a client active; one that was registered only is provisioned, an expired demo gets its days anew.</summary>
    /// <exception cref="RuleException"><c>tenant_unknown</c>, <c>not_ready</c>.</exception>
    public async Task<ToggleResult> ReactivateAsync(Actor actor, int tenantId, CancellationToken cancellationToken)
    {
        actor.Demand(Rights.TenantsToggle);
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        switch (TenantToggle.WhyNotReactivate(TenantStanding.Of(tenant), actor))
        {
            case TenantToggle.AlreadyActive:
                return new ToggleResult(false, null);
            case TenantToggle.UndoNeedsRight:
                throw new ForbiddenException(Rights.TenantsDeleteSoft);
            case TenantToggle.ProvisioningNeedsRight:
                throw new ForbiddenException(Rights.TenantsProvision);
            case not null:
                throw new RuleException("not_ready");
        }

        var (entry, operation) = toggle.Reactivate(tenant, () => provisioning.Start(db, actor, tenant));
        await audit.CommitAsync(db, actor, entry, cancellationToken);
        return new ToggleResult(true, operation);
    }

    private async Task<ToggleResult> DeactivateAsync(Actor actor, int tenantId, InactiveKind kind, string reasonCode, string? reason, CancellationToken cancellationToken)
    {
        await using var db = await contexts.OpenAsync(actor, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        switch (TenantToggle.WhyNotDeactivate(TenantStanding.Of(tenant), kind))
        {
            case TenantToggle.AlreadyInactive:
                return new ToggleResult(false, null);
            case not null:
                throw new RuleException("not_ready");
        }

        await audit.CommitAsync(db, actor, toggle.Deactivate(tenant, kind, reasonCode, reason), cancellationToken);
        return new ToggleResult(true, null);
    }

    internal static void DemandReason(string? code, string? reason)
    {
        var errors = new Dictionary<string, IReadOnlyList<Message>>();
        if (TenantRules.ReasonCode(code) is { } wrongCode)
        {
            errors["reason_code"] = [wrongCode];
        }

        if ((TenantRules.Reason(reason) ?? (code == "otro" && string.IsNullOrWhiteSpace(reason) ? new Message("reason_required") : null)) is { } wrong)
        {
            errors["reason"] = [wrong];
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }
}
