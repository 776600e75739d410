using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Errors;
using Vigia.Core.Master;
using Vigia.Core.Provisioning;
using Vigia.Core.Staff;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>What a toggle did.</summary>
/// <param name="Changed">Whether anything was; false when it was already so.</param>
/// <param name="OperationId">The provisioning that activating a registered client started.</param>
public sealed record ToggleResult(bool Changed, Guid? OperationId);

/// <summary>Suspends, reactivates and withdraws clients (facts 7.15). Idempotent: of two people in the same second one writes a record.</summary>
public sealed class TenantActivation(
    IDbContextFactory<MasterContext> contexts, TenantProvisioning provisioning, AuditTrail audit, IOptions<DemoOptions> demo, TimeProvider time)
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
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        if (tenant.IsActive)
        {
            return new ToggleResult(false, null);
        }

        // Undoing a withdrawal is for who may withdraw.
        if (tenant.InactiveKind == InactiveKind.Withdrawn)
        {
            actor.Demand(Rights.TenantsDeleteSoft);
        }

        if (tenant.State is TenantState.Provisioning or TenantState.Failed or TenantState.Deleting)
        {
            throw new RuleException("not_ready");
        }

        var was = Inactivity(tenant);
        (tenant.InactiveKind, tenant.InactiveReasonCode, tenant.InactiveReason, tenant.InactiveSince) = (null, null, null, null);
        Guid? operation = null;
        if (tenant.State == TenantState.Registered)
        {
            actor.Demand(Rights.TenantsProvision);
            operation = provisioning.Start(db, actor, tenant);
        }
        else
        {
            tenant.IsActive = true;
        }

        if (tenant.Environment == TenantEnvironments.Demo && tenant.ExpiresAt <= time.GetUtcNow())
        {
            tenant.ExpiresAt = LimaCalendar.EndOfDayAfter(time.GetUtcNow(), demo.Value.Days);
        }

        await audit.CommitAsync(db, actor, Entry("tenant.activated", tenant) with
        {
            OperationId = operation,
            Before = was,
            After = new Dictionary<string, object?> { ["is_active"] = tenant.IsActive },
        }, cancellationToken);
        return new ToggleResult(true, operation);
    }

    private async Task<ToggleResult> DeactivateAsync(Actor actor, int tenantId, InactiveKind kind, string reasonCode, string? reason, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var tenant = await TenantRow.LockAsync(db, tenantId, cancellationToken);
        var withdraws = kind == InactiveKind.Withdrawn;
        if (!tenant.IsActive && (tenant.InactiveKind == kind || (!withdraws && tenant.InactiveKind is not null)))
        {
            return new ToggleResult(false, null);
        }

        // What never was active can't be suspended, but a client that was never provisioned, or failed, can be withdrawn.
        if (tenant.State is TenantState.Provisioning or TenantState.Deleting || (!withdraws && tenant.State is TenantState.Registered or TenantState.Failed))
        {
            throw new RuleException("not_ready");
        }

        var was = Inactivity(tenant);
        var now = time.GetUtcNow();
        tenant.TokensValidAfter = tenant.IsActive ? now : tenant.TokensValidAfter;
        tenant.IsActive = false;
        (tenant.InactiveKind, tenant.InactiveReasonCode, tenant.InactiveReason, tenant.InactiveSince) = (kind, reasonCode, SafeText.Clean(reason), now);
        await audit.CommitAsync(db, actor, Entry(withdraws ? "tenant.withdrawn" : "tenant.suspended", tenant) with
        {
            Reason = tenant.InactiveReason is null ? reasonCode : $"{reasonCode}: {tenant.InactiveReason}",
            Before = was,
            After = Inactivity(tenant),
        }, cancellationToken);
        return new ToggleResult(true, null);
    }

    private static void DemandReason(string? code, string? reason)
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

    internal static AuditEntry Entry(string action, Tenant tenant) => new(action) { TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain };

    internal static Dictionary<string, object?> Inactivity(Tenant tenant) => new()
    {
        ["is_active"] = tenant.IsActive,
#pragma warning disable CA1308 // Stored values are lower case.
        ["inactive_kind"] = tenant.InactiveKind?.ToString().ToLowerInvariant(),
#pragma warning restore CA1308
        ["reason_code"] = tenant.InactiveReasonCode,
    };
}
