using System.Text.Json;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// The status of a tenant that people see. It is derived, never stored. In this order, the first that applies. Whether
/// the portal manages the database is a property of its own. See docs/rules.md#tenant-status.
/// </summary>
public enum TenantStatus
{
    Trashed,
    Deleting,
    Provisioning,
    Failed,
    Suspended,
    Withdrawn,
    Expired,

    /// <summary>The database does not exist any more.</summary>
    DatabaseMissing,

    /// <summary>The database exists, and the portal or the tenant's own role may not connect to it.</summary>
    Unreachable,
    Registered,
    Active,

    /// <summary>Used only as a filter: all tenants whose database was created, active or not.</summary>
    Ready,
}

/// <summary>Whether the portal can use a tenant's database, as it was last observed.</summary>
public enum DatabaseCondition
{
    /// <summary>It can be used, or it was not looked at: the portal did not make it.</summary>
    Usable,
    Missing,
    Unreachable,
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

    /// <param name="database">The condition of its database.</param>
    public static TenantStatus Of(Tenant tenant, DatabaseCondition database, DateTimeOffset now) =>
        Of(TenantStanding.Of(tenant), tenant.ExpiresAt, database, now);

    internal static TenantStatus Of(
        TenantStanding tenant, DateTimeOffset? expiresAt, DatabaseCondition database, DateTimeOffset now) =>
        tenant.State switch
        {
            TenantState.Deleting => TenantStatus.Deleting,
            TenantState.Provisioning => TenantStatus.Provisioning,
            TenantState.Failed => TenantStatus.Failed,
            TenantState.Registered when tenant.Kind is null =>
                expiresAt <= now ? TenantStatus.Expired : TenantStatus.Registered,
            TenantState.Registered => OfInactive(tenant.Kind),
            _ when !tenant.IsActive => OfInactive(tenant.Kind),
            _ when expiresAt <= now => TenantStatus.Expired,
            _ when database == DatabaseCondition.Missing => TenantStatus.DatabaseMissing,
            _ when database == DatabaseCondition.Unreachable => TenantStatus.Unreachable,
            _ => TenantStatus.Active,
        };

    /// <summary>
    /// Filters tenants by status. The row alone does not say in which condition the database is, so the filters
    /// <see cref="TenantStatus.Active"/>, <see cref="TenantStatus.DatabaseMissing"/> and
    /// <see cref="TenantStatus.Unreachable"/> select the same rows. See <c>TenantSearch</c>.
    /// </summary>
    public static IQueryable<Tenant> Filter(IQueryable<Tenant> tenants, TenantStatus status, DateTimeOffset now) =>
        status switch
        {
            TenantStatus.Active or TenantStatus.DatabaseMissing or TenantStatus.Unreachable => Settled(tenants)
                .Where(t => t.IsActive && (t.ExpiresAt == null || t.ExpiresAt > now)),
            TenantStatus.Suspended => tenants.Where(
                t => (t.State == TenantState.Registered && t.InactiveKind == InactiveKind.Suspended)
                || ((t.State == TenantState.Ready || t.State == TenantState.Unmanaged) && !t.IsActive
                    && (t.InactiveKind == null || t.InactiveKind == InactiveKind.Suspended))),
            TenantStatus.Withdrawn => tenants.Where(t => t.InactiveKind == InactiveKind.Withdrawn
                && (t.State == TenantState.Registered
                    || ((t.State == TenantState.Ready || t.State == TenantState.Unmanaged) && !t.IsActive))),
            TenantStatus.Expired => tenants.Where(
                t => (t.State == TenantState.Registered
                    && (t.InactiveKind == InactiveKind.Expired || (t.InactiveKind == null && t.ExpiresAt <= now)))
                || ((t.State == TenantState.Ready || t.State == TenantState.Unmanaged)
                && ((!t.IsActive && t.InactiveKind == InactiveKind.Expired) || (t.IsActive && t.ExpiresAt <= now)))),
            TenantStatus.Ready => tenants.Where(
                t => t.State == TenantState.Ready && t.InactiveKind != InactiveKind.Withdrawn),
            TenantStatus.Provisioning => tenants.Where(t => t.State == TenantState.Provisioning),
            TenantStatus.Failed => tenants.Where(t => t.State == TenantState.Failed),
            TenantStatus.Registered => tenants.Where(t => t.State == TenantState.Registered && t.InactiveKind == null
                && (t.ExpiresAt == null || t.ExpiresAt > now)),
            TenantStatus.Deleting => tenants.Where(t => t.State == TenantState.Deleting),
            _ => tenants.Where(t => false),
        };

    /// <summary>
    /// The tenants of the list without a filter: all but those whose status is <see cref="TenantStatus.Withdrawn"/>. A
    /// tenant that was withdrawn because its provisioning failed still shows that it failed, so it is listed.
    /// </summary>
    public static IQueryable<Tenant> Listed(IQueryable<Tenant> tenants) => tenants.Where(
        t => t.InactiveKind == null || t.InactiveKind != InactiveKind.Withdrawn
        || t.State == TenantState.Provisioning || t.State == TenantState.Failed || t.State == TenantState.Deleting);

    private static IQueryable<Tenant> Settled(IQueryable<Tenant> tenants) =>
        tenants.Where(t => t.State == TenantState.Ready || t.State == TenantState.Unmanaged);

    private static TenantStatus OfInactive(InactiveKind? kind) => kind switch
    {
        InactiveKind.Withdrawn => TenantStatus.Withdrawn,
        InactiveKind.Expired => TenantStatus.Expired,
        _ => TenantStatus.Suspended,
    };
}
