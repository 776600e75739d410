namespace Vigia.Core.Registry.Master;

/// <summary>
/// A tenant that a limited auditor may know of. There is no foreign key to the registry, because the auditor may also
/// read the trail of a purged tenant.
/// </summary>
public sealed class StaffScope
{
    public Guid StaffId { get; init; }
    public int TenantId { get; init; }
}
