using System.Text.Json;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// The status of a tenant that people see. It is derived, never stored. See docs/rules.md#tenant-status.
/// </summary>
public enum TenantStatus
{
    Active,
    Inactive,
    Provisioning,
    Failed,
    Registered,
    Trashed,
    DatabaseMissing,
    Unmanaged,
    Expired,
    Deleting,

    /// <summary>
    /// Used only as a filter: withdrawn tenants. Their status is <see cref="Inactive"/>, but the filter
    /// <see cref="Inactive"/> leaves them out.
    /// </summary>
    Withdrawn,

    /// <summary>Used only as a filter: all tenants whose database was created, active or not.</summary>
    Ready,
}

/// <summary>Derives the status of tenants, and filters by it.</summary>
public static class TenantStatuses
{
    /// <summary>The filters for tenants in the registry.</summary>
    public static readonly IReadOnlyList<TenantStatus> Filters =
        [.. Enum.GetValues<TenantStatus>().Where(status => status != TenantStatus.Trashed)];

    /// <summary>The name of a status in addresses, files and the API, such as <c>database_missing</c>.</summary>
    public static string CodeOf(TenantStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());

    /// <summary>Reads a name made by <see cref="CodeOf"/>; null when there is none, or it is not one.</summary>
    public static TenantStatus? Parse(string? code) =>
        Enum.GetValues<TenantStatus>().Where(status => CodeOf(status) == code).Select(status => (TenantStatus?)status)
            .SingleOrDefault();

    /// <param name="tenant">The tenant.</param>
    /// <param name="databaseExists">Whether the database that the portal made is there; true as well where it made
    /// none.</param>
    /// <param name="now">The present moment.</param>
    public static TenantStatus Of(Tenant tenant, bool databaseExists, DateTimeOffset now) =>
        Of(tenant.State, tenant.IsActive, tenant.InactiveKind, tenant.ExpiresAt, databaseExists, now);

    internal static TenantStatus Of(
        TenantState state, bool isActive, InactiveKind? kind, DateTimeOffset? expiresAt, bool databaseExists,
        DateTimeOffset now) => state switch
        {
            TenantState.Ready or TenantState.Unmanaged when !databaseExists => TenantStatus.DatabaseMissing,
            TenantState.Ready when !isActive && kind == InactiveKind.Expired => TenantStatus.Expired,
            TenantState.Ready when !isActive => TenantStatus.Inactive,
            TenantState.Ready => expiresAt <= now ? TenantStatus.Expired : TenantStatus.Active,
            TenantState.Registered when kind is not null => TenantStatus.Inactive,
            TenantState.Registered => TenantStatus.Registered,
            TenantState.Provisioning => TenantStatus.Provisioning,
            TenantState.Failed => TenantStatus.Failed,
            TenantState.Deleting => TenantStatus.Deleting,
            _ => TenantStatus.Unmanaged,
        };

    /// <summary>
    /// Filters tenants by status. The row alone does not say whether the database of a ready tenant exists. See
    /// <c>TenantSearch</c>.
    /// </summary>
    public static IQueryable<Tenant> Filter(IQueryable<Tenant> tenants, TenantStatus status, DateTimeOffset now) =>
        status switch
        {
            TenantStatus.Active => tenants.Where(
                t => t.State == TenantState.Ready && t.IsActive && (t.ExpiresAt == null || t.ExpiresAt > now)),
            TenantStatus.Inactive => tenants.Where(
                t => (t.State == TenantState.Registered && t.InactiveKind != null
                && t.InactiveKind != InactiveKind.Withdrawn)
                || (t.State == TenantState.Ready && !t.IsActive && t.InactiveKind != InactiveKind.Expired
                    && t.InactiveKind != InactiveKind.Withdrawn)),
            TenantStatus.Ready => tenants.Where(
                t => t.State == TenantState.Ready && t.InactiveKind != InactiveKind.Withdrawn),
            TenantStatus.Withdrawn => tenants.Where(t => t.InactiveKind == InactiveKind.Withdrawn),
            TenantStatus.Expired => tenants.Where(
                t => t.State == TenantState.Ready
                && ((!t.IsActive && t.InactiveKind == InactiveKind.Expired) || (t.IsActive && t.ExpiresAt <= now))),
            TenantStatus.Provisioning => tenants.Where(t => t.State == TenantState.Provisioning),
            TenantStatus.Failed => tenants.Where(t => t.State == TenantState.Failed),
            TenantStatus.Registered => tenants.Where(t => t.State == TenantState.Registered && t.InactiveKind == null),
            TenantStatus.Deleting => tenants.Where(t => t.State == TenantState.Deleting),
            TenantStatus.Unmanaged => tenants.Where(t => t.State == TenantState.Unmanaged),
            _ => tenants.Where(t => false),
        };
}
