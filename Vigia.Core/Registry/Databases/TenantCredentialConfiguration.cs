using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Registry.Databases;

internal sealed class TenantCredentialConfiguration : IEntityTypeConfiguration<TenantCredential>
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
}
