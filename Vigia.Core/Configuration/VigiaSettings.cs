using Vigia.Core.Postgres;
using Vigia.Core.Secrets;

namespace Vigia.Core.Configuration;

/// <summary>The settings under the product's variable names and ours (architecture section 7), read and checked.</summary>
public sealed record VigiaSettings
{
    private readonly PostgresUrl? _masterDatabase;
    private readonly string? _secretKey;

    /// <summary>MASTER_DATABASE_URL, or the private cluster's once that runs: direct, as the portal's own role.</summary>
    /// <exception cref="InvalidOperationException">None is set and the private cluster was not started.</exception>
    public PostgresUrl MasterDatabase
    {
        get => _masterDatabase ?? throw new InvalidOperationException("The private cluster has to be started first.");
        init => _masterDatabase = value;
    }

    /// <summary>TENANT_DB_TEMPLATE; when it is not set, the master's server.</summary>
    public TenantTemplate TenantTemplate { get => field ?? TenantTemplate.Beside(MasterDatabase); init; }

    /// <summary>SECRET_KEY: at least 32 characters; the private cluster generates its own.</summary>
    public string SecretKey
    {
        get => _secretKey ?? throw new InvalidOperationException("The private cluster has to be started first.");
        init => _secretKey = value;
    }

    /// <summary>SECRET_KEY was set, so that the private cluster needs no generated one.</summary>
    public bool HasSecretKey => _secretKey is not null;

    public string? SecretKeyPrevious { get; init; }

    public SecretKeyRing SecretKeys => new(SecretKey, SecretKeyPrevious);

    /// <summary>Nothing was said about a master database: the portal runs its own PostgreSQL.</summary>
    public bool NeedsPrivateCluster => _masterDatabase is null;

    /// <summary>The private cluster is in use; pages say so.</summary>
    public bool UsesPrivateCluster { get; init; }

    /// <summary>SAAS_BASE_DOMAIN, lower case: a tenant's URL is its sub-domain before this. <c>localhost</c> when it is not set.</summary>
    public string BaseDomain { get; init; } = "localhost";

    /// <summary>DATABASE_URL: the single-tenant database of an installation that was there before.</summary>
    public PostgresUrl? LegacyDatabase { get; init; }

    /// <summary>ACCESS_TOKEN_EXPIRE_MINUTES of a tenant user's token.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(480);

    /// <summary>PORTAL_ADMIN_EMAIL: the first administrator; null with <see cref="PortalAdminPassword"/> when a set-up link is wanted.</summary>
    public string? PortalAdminEmail { get; init; }

    public string? PortalAdminPassword { get; init; }

    /// <summary>PORTAL_BASE_URL, without a slash at the end: staff pages and admin API answer on this host only.</summary>
    public Uri? PortalBaseUrl { get; init; }

    public PortalRoles Roles { get; init; } = PortalRoles.All;

    /// <summary>VIGIA_DATA_DIR as a full path.</summary>
    public string DataDirectory { get; init; } = Path.GetFullPath(".vigia");

    /// <summary>Names nothing: half of these are secrets.</summary>
    public override string ToString() => nameof(VigiaSettings);
}
