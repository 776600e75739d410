using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Registry.Databases;

internal sealed class CredentialConfiguration : IEntityTypeConfiguration<TenantCredential>,
    IEntityTypeConfiguration<TenantInvitation>
{
    public void Configure(EntityTypeBuilder<TenantCredential> credential)
    {
        credential.ToTable("tenant_credentials");
        credential.HasIndex(c => c.DatabaseId).HasDatabaseName("ix_tenant_credentials_one_current")
            .IsUnique().HasFilter("is_current");
        credential.HasIndex(c => c.TenantId).HasDatabaseName("ix_tenant_credentials_tenant");
        credential.HasOne<ManagedDatabase>().WithMany().HasForeignKey(c => c.DatabaseId)
            .HasConstraintName("fk_tenant_credentials_databases_database_id").OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<TenantInvitation> invitation)
    {
        invitation.ToTable("tenant_invitations");
        invitation.HasIndex(i => i.TokenHash).IsUnique();

        // At most one invitation is open. See docs/rules.md#first-administrator.
        invitation.HasIndex(i => i.TenantId).HasDatabaseName("ix_tenant_invitations_one_open").IsUnique()
            .HasFilter("used_at IS NULL AND revoked_at IS NULL");
    }
}
