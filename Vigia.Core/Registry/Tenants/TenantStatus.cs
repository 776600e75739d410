namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// The status of a tenant that people see. It is derived, never stored. See docs/rules.md#tenant-status.
/// </summary>
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

    /// <summary>
    /// Used only as a filter: withdrawn tenants. Their status is <see cref="Inactive"/>, but the filter
    /// <see cref="Inactive"/> leaves them out.
    /// </summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>Used only as a filter: all tenants whose database was created, active or not.</summary>
    public const string Ready = "ready";

    /// <summary>The filters for tenants in the registry.</summary>
    public static readonly IReadOnlyList<string> Filters =
        [Active, Inactive, Provisioning, Failed, Registered, DatabaseMissing, Unmanaged, Expired, Deleting, Withdrawn,
            Ready];

    /// <param name="tenant">The tenant.</param>
    /// <param name="databaseExists">Whether the database that the portal made is there; true as well where it made
    /// none.</param>
    /// <param name="now">The present moment.</param>
    public static string Of(Tenant tenant, bool databaseExists, DateTimeOffset now) =>
        Of(tenant.State, tenant.IsActive, tenant.InactiveKind, tenant.ExpiresAt, databaseExists, now);

    internal static string Of(
        TenantState state, bool isActive, InactiveKind? kind, DateTimeOffset? expiresAt, bool databaseExists,
        DateTimeOffset now) => state switch
        {
            TenantState.Ready or TenantState.Unmanaged when !databaseExists => DatabaseMissing,
            TenantState.Ready when !isActive => kind == InactiveKind.Expired ? Expired : Inactive,
            TenantState.Ready => expiresAt <= now ? Expired : Active,
            TenantState.Registered when kind is not null => Inactive,
            TenantState.Registered => Registered,
            TenantState.Provisioning => Provisioning,
            TenantState.Failed => Failed,
            TenantState.Deleting => Deleting,
            _ => Unmanaged,
        };

    /// <summary>
    /// Filters tenants by status. The row alone does not say whether the database of a ready tenant exists. See
    /// <c>TenantSearch</c>.
    /// </summary>
    public static IQueryable<Tenant> Filter(IQueryable<Tenant> tenants, string status, DateTimeOffset now) =>
        status switch
        {
            Active => tenants.Where(
                t => t.State == TenantState.Ready && t.IsActive && (t.ExpiresAt == null || t.ExpiresAt > now)),
            Inactive => tenants.Where(
                t => (t.State == TenantState.Registered && t.InactiveKind != null
                && t.InactiveKind != InactiveKind.Withdrawn)
                || (t.State == TenantState.Ready && !t.IsActive && t.InactiveKind != InactiveKind.Expired
                    && t.InactiveKind != InactiveKind.Withdrawn)),
            Ready => tenants.Where(t => t.State == TenantState.Ready && t.InactiveKind != InactiveKind.Withdrawn),
            Withdrawn => tenants.Where(t => t.InactiveKind == InactiveKind.Withdrawn),
            Expired => tenants.Where(
                t => t.State == TenantState.Ready
                && ((!t.IsActive && t.InactiveKind == InactiveKind.Expired) || (t.IsActive && t.ExpiresAt <= now))),
            Provisioning => tenants.Where(t => t.State == TenantState.Provisioning),
            Failed => tenants.Where(t => t.State == TenantState.Failed),
            Registered => tenants.Where(t => t.State == TenantState.Registered && t.InactiveKind == null),
            Deleting => tenants.Where(t => t.State == TenantState.Deleting),
            Unmanaged => tenants.Where(t => t.State == TenantState.Unmanaged),
            _ => tenants.Where(t => false),
        };
}
