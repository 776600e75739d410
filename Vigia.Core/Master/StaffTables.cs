using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Vigia.Core.Staff;

namespace Vigia.Core.Master;

/// <summary>Identity's tables under names of our own (schema version 3, so that passkeys work).</summary>
internal static class StaffTables
{
    public static void Rename(ModelBuilder builder)
    {
        builder.Entity<StaffMember>(staff =>
        {
            staff.ToTable("staff");
            staff.Property(s => s.FullName).HasMaxLength(200);

            // An address is one person's for ever (21 CFR 11.100(a)): the database says so, not only Identity's look before it writes.
            staff.HasIndex(s => s.NormalizedEmail, "ix_staff_email").IsUnique();
        });
        builder.Entity<IdentityRole<Guid>>().ToTable("staff_roles");
        builder.Entity<IdentityUserRole<Guid>>().ToTable("staff_role_members");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("staff_claims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("staff_logins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("staff_tokens");
        builder.Entity<IdentityRoleClaim<Guid>>().ToTable("staff_role_claims");
        builder.Entity<IdentityUserPasskey<Guid>>().ToTable("staff_passkeys");
    }
}
