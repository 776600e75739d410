using Microsoft.Extensions.Options;
using Vigia.Core.Foundation.Dates;
using Vigia.Core.Foundation.Text;
using Vigia.Core.Registry.Audit;
using Vigia.Core.Registry.Tenants;

namespace Vigia.Core.Tenants;

/// <summary>
/// Suspends, withdraws and reactivates a tenant. Used for one tenant or many. The caller
/// locks the row and commits.
/// </summary>
public sealed class ActivationChange(IOptions<DemoOptions> demo, TimeProvider time)
{
    /// <summary>Makes the tenant inactive; tokens issued before now are refused.</summary>
    public AuditEntry Deactivate(Tenant tenant, InactiveKind kind, string reasonCode, string? reason)
    {
        var was = Inactivity(tenant);
        var now = time.GetUtcNow();
        tenant.Deactivate(kind, reasonCode, SafeText.Clean(reason), now);
        return Entry(kind == InactiveKind.Withdrawn ? "tenant.withdrawn" : "tenant.suspended", tenant) with
        {
            Reason = ReasonText(reasonCode, tenant.InactiveReason),
            Before = was,
            After = Inactivity(tenant),
        };
    }

    /// <summary>
    /// Makes the locked tenant active. If it is only registered, calls <paramref name="provision"/>, which starts the
    /// provisioning and returns its operation. An expired demo gets a new end date.
    /// </summary>
    public (AuditEntry Entry, Guid? OperationId) Reactivate(Tenant tenant, Func<Guid> provision)
    {
        var was = Inactivity(tenant);
        Guid? operation = tenant.State == TenantState.Registered ? provision() : null;
        var now = time.GetUtcNow();
        tenant.Reactivate(now);
        if (tenant.Environment == TenantEnvironments.Demo && tenant.ExpiresAt <= now)
        {
            tenant.SetEnd(LimaTime.EndOfDayAfter(now, demo.Value.Days), now);
        }

        var entry = Entry("tenant.activated", tenant) with
        {
            OperationId = operation,
            Before = was,
            After = new Dictionary<string, object?> { ["is_active"] = tenant.IsActive },
        };
        return (entry, operation);
    }

    internal static string ReasonText(string reasonCode, string? reason) =>
        reason is null ? reasonCode : $"{reasonCode}: {reason}";

    internal static AuditEntry Entry(string action, Tenant tenant) =>
        new(action) { TenantId = tenant.Id, Ruc = tenant.Ruc, Subdomain = tenant.Subdomain };

    internal static Dictionary<string, object?> Inactivity(Tenant tenant) => new()
    {
        ["is_active"] = tenant.IsActive,
#pragma warning disable CA1308 // Stored values are lower case.
        ["inactive_kind"] = tenant.InactiveKind?.ToString().ToLowerInvariant(),
#pragma warning restore CA1308
        ["reason_code"] = tenant.InactiveReasonCode,
    };
}
