using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Staff;

internal sealed class StaffConfiguration : IEntityTypeConfiguration<StaffScope>, IEntityTypeConfiguration<RoleGrant>, IEntityTypeConfiguration<RoleRight>,
    IEntityTypeConfiguration<StaffInvitation>, IEntityTypeConfiguration<SignInSession>, IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<StaffScope> scope)
    {
        scope.ToTable("staff_scopes");
        scope.HasKey(s => new { s.StaffId, s.TenantId });
        OfStaff(scope, nameof(StaffScope.StaffId));
    }

    public void Configure(EntityTypeBuilder<RoleGrant> grant)
    {
        grant.ToTable("staff_role_grants");
        OfStaff(grant, nameof(RoleGrant.StaffId));
        grant.HasIndex(g => new { g.StaffId, g.Role }, "ix_staff_role_grants_one_open").IsUnique().HasFilter("until IS NULL");
    }

    public void Configure(EntityTypeBuilder<RoleRight> right)
    {
        right.ToTable("role_rights");
        right.HasIndex(r => new { r.Role, r.Right }, "ix_role_rights_one_open").IsUnique().HasFilter("until IS NULL");
    }

    public void Configure(EntityTypeBuilder<StaffInvitation> invitation)
    {
        invitation.ToTable("staff_invitations");
        invitation.HasIndex(i => i.TokenHash).IsUnique();
        invitation.HasIndex(i => i.StaffId, "ix_staff_invitations_one_open").IsUnique().HasFilter("used_at IS NULL AND revoked_at IS NULL");
        OfStaff(invitation, nameof(StaffInvitation.StaffId));
    }

    public void Configure(EntityTypeBuilder<SignInSession> session)
    {
        session.ToTable("staff_sessions");
        session.Property(s => s.UserAgent).HasMaxLength(400);
        session.Property(s => s.Method).HasMaxLength(40);
        session.HasIndex(s => s.StaffId, "ix_staff_sessions_open").HasFilter("ended_at IS NULL");
        OfStaff(session, nameof(SignInSession.StaffId));
    }

    public void Configure(EntityTypeBuilder<ApiToken> token)
    {
        token.ToTable("api_tokens");
        token.Property(t => t.Name).HasMaxLength(100);
        token.Property(t => t.Prefix).HasMaxLength(20);
        token.HasIndex(t => t.TokenHash).IsUnique();
        token.HasIndex(t => t.StaffId);
        OfStaff(token, nameof(ApiToken.StaffId));
    }

    private static void OfStaff<T>(EntityTypeBuilder<T> entity, string key)
        where T : class => entity.HasOne<StaffMember>().WithMany().HasForeignKey(key).OnDelete(DeleteBehavior.Restrict);
}
