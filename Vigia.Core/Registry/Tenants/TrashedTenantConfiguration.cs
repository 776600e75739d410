using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Tenants;

internal sealed class TrashedTenantConfiguration : IEntityTypeConfiguration<TrashedTenant>
{
    public void Configure(EntityTypeBuilder<TrashedTenant> trashed)
    {
        trashed.ToTable("tenant_trash");
        trashed.Property(t => t.Id).ValueGeneratedNever();
        trashed.Property(t => t.Row).HasColumnType("jsonb");
        trashed.Property(t => t.EverInProduction).HasDefaultValue(true).HasSentinel(true);
        trashed.HasIndex(t => new { t.PurgeAfter, t.Id }).HasDatabaseName("ix_tenant_trash_purge");
        trashed.HasIndex(t => new { t.DeletedAt, t.Id }).HasDatabaseName("ix_tenant_trash_deleted");
    }
}
