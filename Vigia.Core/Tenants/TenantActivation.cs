using Vigia.Core.Foundation.Access;
using Vigia.Core.Foundation.Errors;
using Vigia.Core.Lifecycle.Provisioning;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>The result of suspending, withdrawing or reactivating.</summary>
/// <param name="Changed">Whether anything changed; false when the tenant was already in that state.</param>
/// <param name="OperationId">The provisioning, if reactivating a registered tenant started one.</param>
public sealed record ToggleResult(bool Changed, Guid? OperationId);

/// <summary>Suspends, reactivates and withdraws tenants. See docs/rules.md#suspend-and-withdraw.</summary>
public sealed class TenantActivation(
    TenantChanges changes, TenantProvisioning provisioning, ActivationChange activation)
{
    /// <summary>
    /// Makes a tenant inactive: from now on its users can't sign in and their tokens are refused.
    /// <paramref name="reasonCode"/> is one of <see cref="TenantRules.ReasonCodes"/>; <paramref name="reason"/> is free
    /// text, required with <c>otro</c>.
    /// </summary>
    /// <exception cref="InvalidInputException"><c>reason_code</c>, <c>reason</c>.</exception>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; <c>never_provisioned</c>, <c>is_provisioning</c>, <c>provisioning_failed</c>,
    /// <c>is_deleting</c>.
    /// </exception>
    public async Task<ToggleResult> SuspendAsync(
        Actor actor, int tenantId, string? reasonCode, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Suspend.Right);
        DemandReason(reasonCode, reason);
        return await DeactivateAsync(actor, tenantId, InactiveKind.Suspended, reasonCode!, reason, cancellationToken);
    }

    /// <summary>
    /// Withdraws a tenant (soft delete, "dar de baja"): it becomes inactive and leaves the default list. All data
    /// stays.
    /// </summary>
    /// <inheritdoc cref="SuspendAsync"/>
    public async Task<ToggleResult> WithdrawAsync(
        Actor actor, int tenantId, string? reasonCode, string? reason, CancellationToken cancellationToken)
    {
        actor.Demand(TenantAction.Withdraw.Right);
        DemandReason(reasonCode, reason);
        return await DeactivateAsync(actor, tenantId, InactiveKind.Withdrawn, reasonCode!, reason, cancellationToken);
    }

    /// <summary>
    /// Makes a tenant active. Provisions it if it was only registered. An expired demo gets a new end date.
    /// </summary>
    /// <exception cref="RuleException">
    /// <c>tenant_unknown</c>; <c>is_provisioning</c>, <c>provisioning_failed</c>, <c>is_deleting</c>.
    /// </exception>
    public Task<ToggleResult> ReactivateAsync(Actor actor, int tenantId, CancellationToken cancellationToken) =>
        changes.ChangeAsync(actor, tenantId, TenantAction.Reactivate, (db, tenant, _) =>
        {
            var (entry, operation) = activation.Reactivate(tenant, () => provisioning.Start(db, actor, tenant));
            return Task.FromResult(new TenantChange<ToggleResult>(new ToggleResult(true, operation), entry));
        },
        refusal => refusal switch
        {
            TenantAction.AlreadyActive => new ToggleResult(false, null),
            TenantAction.UndoNeedsRight => throw new ForbiddenException(TenantAction.Withdraw.Right),
            TenantAction.ProvisioningNeedsRight => throw new ForbiddenException(TenantAction.Provision.Right),
            _ => throw new RuleException(refusal),
        }, cancellationToken);

    private Task<ToggleResult> DeactivateAsync(
        Actor actor, int tenantId, InactiveKind kind, string reasonCode, string? reason,
        CancellationToken cancellationToken) =>
        changes.ChangeAsync(
            actor, tenantId, kind == InactiveKind.Withdrawn ? TenantAction.Withdraw : TenantAction.Suspend,
            (_, tenant, _) => Task.FromResult(new TenantChange<ToggleResult>(
                new ToggleResult(true, null), activation.Deactivate(tenant, kind, reasonCode, reason))),
            refusal => refusal == TenantAction.AlreadyInactive ? new ToggleResult(false, null)
                : throw new RuleException(refusal),
            cancellationToken);

    internal static void DemandReason(string? code, string? reason)
    {
        var errors = new Dictionary<string, IReadOnlyList<Message>>();
        if (TenantRules.ReasonCode(code) is { } wrongCode)
        {
            errors["reason_code"] = [wrongCode];
        }

        if ((TenantRules.Reason(reason)
            ?? (code == "otro" && string.IsNullOrWhiteSpace(reason) ? new Message("reason_required")
            : null)) is { } wrong)
        {
            errors["reason"] = [wrong];
        }

        if (errors.Count > 0)
        {
            throw new InvalidInputException(errors);
        }
    }
}
