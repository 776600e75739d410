using Microsoft.AspNetCore.Identity;

namespace Vigia.Core.Registry.Master;

/// <summary>
/// A person of the company that runs the portal, never a user of a tenant (docs/rules.md#staff-are-not-tenant-users).
/// Rows are never deleted, and an address is never given to another person, so that a name in the audit trail always
/// means the same person (21 CFR 11.100(a)).
/// </summary>
public sealed class StaffMember : IdentityUser<Guid>
{
    public StaffMember()
    {
        Id = Guid.CreateVersion7();
        SecurityStamp = Guid.NewGuid().ToString("N");
    }

    /// <summary>The name in the audit trail and on pages.</summary>
    public string FullName { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>When the account was disabled. Null when it is not. A disabled member has no roles.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>When the access ends automatically, such as that of a visiting auditor. Null for never.</summary>
    public DateTimeOffset? AccessEndsAt { get; set; }

    /// <summary>Whether the person may know only the tenants in <c>staff_scopes</c>.</summary>
    public bool IsScoped { get; set; }
}
