using Microsoft.AspNetCore.Identity;

namespace Vigia.Core.Staff;

/// <summary>A person of the company that runs the portal; never a user of a tenant (facts 7.1).</summary>
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
}
