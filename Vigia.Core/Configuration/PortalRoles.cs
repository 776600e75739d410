namespace Vigia.Core.Configuration;

/// <summary>VIGIA_ROLES: which of its three jobs this process does.</summary>
[Flags]
public enum PortalRoles
{
    None = 0,

    /// <summary>The staff's pages and the admin API.</summary>
    Staff = 1,

    /// <summary>The tenants' API.</summary>
    Tenant = 2,

    /// <summary>Works on operations and enqueues recurring work.</summary>
    Worker = 4,

    All = Staff | Tenant | Worker,
}
