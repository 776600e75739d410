using Microsoft.Extensions.Options;
using Vigia.Core.Audit;
using Vigia.Core.Configuration;
using Vigia.Core.Staff;
using Vigia.Core.Text;

namespace Vigia.Core.Tenants;

/// <summary>As much of a client as decides whether it can be suspended or reactivated.</summary>
public readonly record struct TenantStanding(TenantState State, bool IsActive, InactiveKind? Kind)
{
    public static TenantStanding Of(Tenant tenant) => new(tenant.State, tenant.IsActive, tenant.InactiveKind);
}

/// <summary>The rules of suspending, withdrawing and reactivating, for one client or many, on a row that the caller locks and commits.</summary>
public sealed class TenantToggle(IOptions<DemoOptions> demo, TimeProvider time)
{
    public const string AlreadyInactive = "already_inactive";
    public const string AlreadyActive = "already_active";
    public const string UndoNeedsRight = "withdrawn_needs_administrator";
    public const string ProvisioningNeedsRight = "provisioning_needs_administrator";

    /// <summary>Why a client can't be made inactive, as a message code; null when it can.</summary>
    public static string? WhyNotDeactivate(TenantStanding tenant, InactiveKind kind)
    {
        var withdraws = kind == InactiveKind.Withdrawn;
        return tenant switch
        {
            { IsActive: false, Kind: { } was } when was == kind || !withdraws => AlreadyInactive,
            { State: TenantState.Provisioning } => "is_provisioning",
            { State: TenantState.Deleting } => "is_deleting",

            // What never was active can't be suspended, but a client that was never provisioned, or failed, can be withdrawn.
            { State: TenantState.Registered } when !withdraws => "never_provisioned",
            { State: TenantState.Failed } when !withdraws => "provisioning_failed",
            _ => null,
        };
    }

    /// <summary>Why <paramref name="actor"/> can't make a client active, as a message code; null when they can.</summary>
    public static string? WhyNotReactivate(TenantStanding tenant, Actor actor) => tenant switch
    {
        { IsActive: true } => AlreadyActive,

        // Undoing a withdrawal is for who may withdraw.
        { Kind: InactiveKind.Withdrawn } when !actor.May(Rights.TenantsDeleteSoft) => UndoNeedsRight,
        { State: TenantState.Provisioning } => "is_provisioning",
        { State: TenantState.Deleting } => "is_deleting",
        { State: TenantState.Failed } => "provisioning_failed",
        { State: TenantState.Registered } when !actor.May(Rights.TenantsProvision) => ProvisioningNeedsRight,
        _ => null,
    };

    /// <summary>Makes the client inactive; tokens issued before now are refused.</summary>
    public AuditEntry Deactivate(Tenant tenant, InactiveKind kind, string reasonCode, string? reason)
    {
        var was = Inactivity(tenant);
        var now = time.GetUtcNow();
        tenant.TokensValidAfter = tenant.IsActive ? now : tenant.TokensValidAfter;
        tenant.IsActive = false;
        (tenant.InactiveKind, tenant.InactiveReasonCode, tenant.InactiveReason, tenant.InactiveSince) = (kind, reasonCode, SafeText.Clean(reason), now);
        return Entry(kind == InactiveKind.Withdrawn ? "tenant.withdrawn" : "tenant.suspended", tenant) with
        {
            Reason = WithWords(reasonCode, tenant.InactiveReason),
            Before = was,
            After = Inactivity(tenant),
        };
    }

    /// <summary>Makes the client active, or has it provisioned when it was registered only; an expired demo gets its days anew.</summary>
    /// <param name="tenant">The locked row.</param>
    /// <param name="provision">Starts the provisioning of a registered client and returns its operation.</param>
    public (AuditEntry Entry, Guid? OperationId) Reactivate(Tenant tenant, Func<Guid> provision)
    {
        var was = Inactivity(tenant);
        (tenant.InactiveKind, tenant.InactiveReasonCode, tenant.InactiveReason, tenant.InactiveSince) = (null, null, null, null);
        Guid? operation = tenant.State == TenantState.Registered ? provision() : null;
        tenant.IsActive = operation is null;
        if (tenant.Environment == TenantEnvironments.Demo && tenant.ExpiresAt <= time.GetUtcNow())
        {
            tenant.ExpiresAt = LimaCalendar.EndOfDayAfter(time.GetUtcNow(), demo.Value.Days);
        }

        var entry = Entry("tenant.activated", tenant) with
        {
            OperationId = operation,
            Before = was,
            After = new Dictionary<string, object?> { ["is_active"] = tenant.IsActive },
        };
        return (entry, operation);
    }

    internal static string WithWords(string reasonCode, string? reason) => reason is null ? reasonCode : $"{reasonCode}: {reason}";

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
