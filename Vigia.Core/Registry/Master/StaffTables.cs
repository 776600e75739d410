using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Master;

/// <summary>Maps the tables of Identity to the portal's names (schema version 3, so that passkeys work).</summary>
internal static class StaffTables
{
    /// <summary>The provider name under which Identity stores a person's authenticator among the tokens.</summary>
    public const string AuthenticatorProvider = "[AspNetUserStore]";

    /// <summary>The token name of the authenticator's secret.</summary>
    public const string AuthenticatorSecret = "Totp";

    /// <summary>The stored, encrypted secrets of all authenticators.</summary>
    public static IQueryable<string> AuthenticatorSecrets(MasterContext db) => db.UserTokens
        .Where(t => t.LoginProvider == AuthenticatorProvider && t.Name == AuthenticatorSecret && t.Value != null)
        .Select(t => t.Value!);

    public static void Rename(ModelBuilder builder)
    {
        builder.Entity<StaffMember>(staff =>
        {
            staff.ToTable("staff");
            staff.Property(s => s.FullName).HasMaxLength(200);

            // An address belongs to one person for ever (21 CFR 11.100(a)). The database enforces it, because Identity
            // only checks before it writes.
            staff.HasIndex(s => s.NormalizedEmail).HasDatabaseName("ix_staff_email").IsUnique();
        });
        builder.Entity<IdentityRole<Guid>>().ToTable("staff_roles");
        builder.Entity<IdentityUserRole<Guid>>().ToTable("staff_role_members");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("staff_claims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("staff_logins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("staff_tokens");
        builder.Entity<IdentityRoleClaim<Guid>>().ToTable("staff_role_claims");
        builder.Entity<IdentityUserPasskey<Guid>>().ToTable("staff_passkeys");
    }

    /// <summary>
    /// Declares that the rows belong to members of staff, who are never deleted. <paramref name="key"/> is the property
    /// with the member's id.
    /// </summary>
    public static void BelongsToStaff<T>(this EntityTypeBuilder<T> entity, string key)
        where T : class => entity.HasOne<StaffMember>().WithMany().HasForeignKey(key).OnDelete(DeleteBehavior.Restrict);
}
