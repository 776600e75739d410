using Vigia.Core.Foundation.Secrets;

namespace Vigia.Core.Foundation.Configuration;

/// <summary>The settings of the product and of the portal, read and checked. See docs/rules.md#configuration.</summary>
public sealed record VigiaSettings
{
    private readonly PostgresUrl? _masterDatabase;
    private readonly string? _secretKey;

    /// <summary>
    /// MASTER_DATABASE_URL, or the URL of the private cluster after it has been started. A direct connection with the
    /// portal's own role.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// No URL is set and the private cluster has not been started.
    /// </exception>
    public PostgresUrl MasterDatabase
    {
        get => _masterDatabase ?? throw new InvalidOperationException("The private cluster must be started first.");
        init => _masterDatabase = value;
    }

    /// <summary>TENANT_DB_TEMPLATE. Its default is the server of the master.</summary>
    public TenantTemplate TenantTemplate { get => field ?? TenantTemplate.Beside(MasterDatabase); init; }

    /// <summary>SECRET_KEY, at least 32 characters. The private cluster generates its own.</summary>
    public string SecretKey
    {
        get => _secretKey ?? throw new InvalidOperationException("The private cluster must be started first.");
        init => _secretKey = value;
    }

    /// <summary>Whether SECRET_KEY is set. If it is, the private cluster does not generate a key.</summary>
    public bool HasSecretKey => _secretKey is not null;

    public string? SecretKeyPrevious { get; init; }

    /// <summary>
    /// PORTAL_SECRET_KEY: the portal's own secret. When it is null, SECRET_KEY is used, which the product's back end
    /// knows too.
    /// </summary>
    public string? PortalSecretKey { get; init; }

    public string? PortalSecretKeyPrevious { get; init; }

    /// <summary>
    /// The secrets for the portal's own data. Data that is shared with the product uses keys derived from
    /// <see cref="SecretKey"/>.
    /// </summary>
    public SecretKeyRing SecretKeys =>
        PortalSecretKey is { } own ? new(own, PortalSecretKeyPrevious) : new(SecretKey, SecretKeyPrevious);

    /// <summary>Whether no master database is configured, so that the portal runs its own PostgreSQL.</summary>
    public bool NeedsPrivateCluster => _masterDatabase is null;

    /// <summary>Whether the private cluster is in use. Pages show it.</summary>
    public bool UsesPrivateCluster { get; init; }

    /// <summary>
    /// SAAS_BASE_DOMAIN in lower case. A tenant's URL is its sub-domain in front of this domain. The default is
    /// <c>localhost</c>.
    /// </summary>
    public string BaseDomain { get; init; } = "localhost";

    /// <summary>
    /// PRODUCT_DB_ROLE: the role with which the product's own back end reaches every tenant's database. Null for none.
    /// </summary>
    public string? ProductDatabaseRole { get; init; }

    /// <summary>
    /// PGBOUNCER_AUTH_ROLE: the role with which a PgBouncer looks up the verifiers of tenants' roles. Null for none.
    /// </summary>
    public string? PoolerAuthRole { get; init; }

    /// <summary>
    /// DATABASE_URL: the database of an installation with a single tenant. See <see cref="OnlyDatabase"/>.
    /// </summary>
    public PostgresUrl? LegacyDatabase { get; init; }

    /// <summary>
    /// The database of the only tenant: DATABASE_URL, where no master is configured. Null otherwise. See
    /// docs/rules.md#single-tenant.
    /// </summary>
    public PostgresUrl? OnlyDatabase => UsesPrivateCluster ? LegacyDatabase : null;

    /// <summary>ACCESS_TOKEN_EXPIRE_MINUTES: the lifetime of the token of a tenant's user.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(480);

    /// <summary>
    /// CORS_ORIGINS: the sites whose scripts may call the tenants' API. One asterisk stands for all sites.
    /// </summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>
    /// PORTAL_ADMIN_EMAIL: the first administrator. Without it and <see cref="PortalAdminPassword"/>, the portal offers
    /// a set-up link.
    /// </summary>
    public string? PortalAdminEmail { get; init; }

    public string? PortalAdminPassword { get; init; }

    /// <summary>PORTAL_ADMIN_NAME: the first administrator's name. Without it, their address is shown.</summary>
    public string? PortalAdminName { get; init; }

    /// <summary>
    /// PORTAL_BASE_URL: scheme and host without a path. Staff pages and the admin API answer only on this host.
    /// </summary>
    public Uri? PortalBaseUrl { get; init; }

    public InstanceRoles Roles { get; init; } = InstanceRoles.All;

    /// <summary>VIGIA_DATA_DIR as a full path.</summary>
    public string DataDirectory { get; init; } = Path.GetFullPath(".vigia");

    /// <summary>Contains no values, because half of them are secrets.</summary>
    public override string ToString() => nameof(VigiaSettings);
}
