using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Team;

internal sealed class TeamConfiguration :
    IEntityTypeConfiguration<RoleGrant>,
    IEntityTypeConfiguration<RoleRight>,
    IEntityTypeConfiguration<StaffInvitation>
{
    public void Configure(EntityTypeBuilder<RoleGrant> grant)
    {
        grant.ToTable("staff_role_grants");
        grant.BelongsToStaff(nameof(RoleGrant.StaffId));
        grant.HasIndex(g => new { g.StaffId, g.Role }).HasDatabaseName("ix_staff_role_grants_one_open").IsUnique()
            .HasFilter("until IS NULL");
    }

    public void Configure(EntityTypeBuilder<RoleRight> right)
    {
        right.ToTable("role_rights");
        right.HasIndex(r => new { r.Role, r.Right }).HasDatabaseName("ix_role_rights_one_open")
            .IsUnique().HasFilter("until IS NULL");
    }

    public void Configure(EntityTypeBuilder<StaffInvitation> invitation)
    {
        invitation.ToTable("staff_invitations");
        invitation.HasIndex(i => i.TokenHash).IsUnique();
        invitation.HasIndex(i => i.StaffId).HasDatabaseName("ix_staff_invitations_one_open").IsUnique()
            .HasFilter("used_at IS NULL AND revoked_at IS NULL");
        invitation.BelongsToStaff(nameof(StaffInvitation.StaffId));
    }
}
