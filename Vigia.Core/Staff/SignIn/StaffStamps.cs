using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.SignIn;

/// <summary>Renews Identity's two stamps of a member of staff.</summary>
internal static class StaffStamps
{
    /// <summary>
    /// Renews both stamps. Existing cookies and circuits are refused at their next check. Code that still holds the old
    /// row can't write it back (Identity's store writes all columns that it once read).
    /// </summary>
    public static void Restamp(StaffMember member)
    {
        member.SecurityStamp = Guid.NewGuid().ToString("N");
        Touch(member);
    }

    /// <summary>Renews only the concurrency stamp: sessions stay valid.</summary>
    public static void Touch(StaffMember member) => member.ConcurrencyStamp = Guid.NewGuid().ToString();
}
