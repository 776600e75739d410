using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Provisioning;

internal sealed class CredentialConfiguration : IEntityTypeConfiguration<TenantCredential>, IEntityTypeConfiguration<TenantInvitation>
{
    public void Configure(EntityTypeBuilder<TenantCredential> credential)
    {
        credential.ToTable("tenant_credentials");
        credential.HasKey(c => new { c.TenantId, c.Number });
        credential.HasIndex(c => c.TenantId, "ix_tenant_credentials_one_current").IsUnique().HasFilter("is_current");
    }

    public void Configure(EntityTypeBuilder<TenantInvitation> invitation)
    {
        invitation.ToTable("tenant_invitations");
        invitation.HasIndex(i => i.TokenHash).IsUnique();

        // A new link ends the older ones, so at most one is open (facts 7.14).
        invitation.HasIndex(i => i.TenantId, "ix_tenant_invitations_one_open").IsUnique().HasFilter("used_at IS NULL AND revoked_at IS NULL");
    }
}
