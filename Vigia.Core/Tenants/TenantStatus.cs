namespace Vigia.Core.Tenants;

/// <summary>What a person would say of a client: derived from state, activity and dates, never stored (architecture section 3).</summary>
public static class TenantStatus
{
    public const string Active = "active";
    public const string Inactive = "inactive";
    public const string Provisioning = "provisioning";
    public const string Failed = "failed";
    public const string Registered = "registered";
    public const string Trashed = "trashed";
    public const string DatabaseMissing = "database_missing";
    public const string Unmanaged = "unmanaged";
    public const string Expired = "expired";
    public const string Deleting = "deleting";

    /// <summary>A filter only: soft-deleted clients, whose status is <see cref="Inactive"/>; that filter leaves them out.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>A filter only: every client whose database was made, active or not.</summary>
    public const string Ready = "ready";

    /// <summary>What clients in the registry can be filtered by.</summary>
    public static readonly IReadOnlyList<string> Filters =
        [Active, Inactive, Provisioning, Failed, Registered, DatabaseMissing, Unmanaged, Expired, Deleting, Withdrawn, Ready];

    public static string Of(Tenant tenant, bool databaseExists, DateTimeOffset now) => tenant.State switch
    {
        TenantState.Ready when !databaseExists => DatabaseMissing,
        TenantState.Ready when !tenant.IsActive => tenant.InactiveKind == Tenants.InactiveKind.Expired ? Expired : Inactive,
        TenantState.Ready => IsExpired(tenant, now) ? Expired : Active,
        TenantState.Registered when tenant.InactiveKind is not null => Inactive,
        TenantState.Registered => Registered,
        TenantState.Provisioning => Provisioning,
        TenantState.Failed => Failed,
        TenantState.Deleting => Deleting,
        _ => Unmanaged,
    };

    /// <summary>The clients with a status, as a query. Whether a ready client's database is there needs more than the row: see <c>TenantSearch</c>.</summary>
    public static IQueryable<Tenant> Filter(IQueryable<Tenant> tenants, string status, DateTimeOffset now) => status switch
    {
        Active => tenants.Where(t => t.State == TenantState.Ready && t.IsActive && (t.ExpiresAt == null || t.ExpiresAt > now)),
        Inactive => tenants.Where(t => (t.State == TenantState.Registered && t.InactiveKind != null && t.InactiveKind != Tenants.InactiveKind.Withdrawn)
            || (t.State == TenantState.Ready && !t.IsActive && t.InactiveKind != Tenants.InactiveKind.Expired && t.InactiveKind != Tenants.InactiveKind.Withdrawn)),
        Ready => tenants.Where(t => t.State == TenantState.Ready && t.InactiveKind != Tenants.InactiveKind.Withdrawn),
        Withdrawn => tenants.Where(t => t.InactiveKind == Tenants.InactiveKind.Withdrawn),
        Expired => tenants.Where(t => t.State == TenantState.Ready && ((!t.IsActive && t.InactiveKind == Tenants.InactiveKind.Expired) || (t.IsActive && t.ExpiresAt <= now))),
        Provisioning => tenants.Where(t => t.State == TenantState.Provisioning),
        Failed => tenants.Where(t => t.State == TenantState.Failed),
        Registered => tenants.Where(t => t.State == TenantState.Registered && t.InactiveKind == null),
        Deleting => tenants.Where(t => t.State == TenantState.Deleting),
        Unmanaged => tenants.Where(t => t.State == TenantState.Unmanaged),
        _ => tenants.Where(t => false),
    };

    private static bool IsExpired(Tenant tenant, DateTimeOffset now) => tenant.ExpiresAt <= now;
}
