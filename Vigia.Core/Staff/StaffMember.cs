using Microsoft.AspNetCore.Identity;

namespace Vigia.Core.Staff;

/// <summary>
/// A person of the company that runs the portal; never a user of a tenant (facts 7.1). Rows are never deleted and an address is never given to
/// another person: a name in the audit trail stays one person's (21 CFR 11.100(a)).
/// </summary>
public sealed class StaffMember : IdentityUser<Guid>
{
    public StaffMember()
    {
        Id = Guid.CreateVersion7();
        SecurityStamp = Guid.NewGuid().ToString("N");
    }

    /// <summary>As printed in the audit trail and on pages.</summary>
    public string FullName { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Since when the person can't sign in; null for who can. A disabled member holds no role.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    /// <summary>When the access ends by itself (a visiting auditor's); null for never.</summary>
    public DateTimeOffset? AccessEndsAt { get; set; }

    /// <summary>Whether only the clients in <c>staff_scopes</c> may be known to this person.</summary>
    public bool IsScoped { get; set; }
}

/// <summary>A client that a limited auditor may know of. No foreign key to the registry: a purged client's trail is read too.</summary>
public sealed class StaffScope
{
    public Guid StaffId { get; init; }
    public int TenantId { get; init; }
}
