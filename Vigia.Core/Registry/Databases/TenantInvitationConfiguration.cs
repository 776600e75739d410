using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Databases;

internal sealed class TenantInvitationConfiguration : IEntityTypeConfiguration<TenantInvitation>
{
    public void Configure(EntityTypeBuilder<TenantInvitation> invitation)
    {
        invitation.ToTable("tenant_invitations");
        invitation.HasIndex(i => i.TokenHash).IsUnique();

        // At most one invitation is open. See docs/rules.md#first-administrator.
        invitation.HasIndex(i => i.TenantId).HasDatabaseName("ix_tenant_invitations_one_open").IsUnique()
            .HasFilter("used_at IS NULL AND revoked_at IS NULL");
    }
}
