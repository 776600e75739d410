namespace Vigia.Core.Foundation.Configuration;

/// <summary>The jobs that this process does, from VIGIA_ROLES.</summary>
[Flags]
public enum InstanceRoles
{
    None = 0,

    /// <summary>Serves the pages of staff and the admin API.</summary>
    Staff = 1,

    /// <summary>Serves the tenants' API.</summary>
    Tenant = 2,

    /// <summary>Runs operations and queues recurring jobs.</summary>
    Worker = 4,

    All = Staff | Tenant | Worker,
}
