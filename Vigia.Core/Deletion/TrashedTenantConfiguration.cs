using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Deletion;

internal sealed class TrashedTenantConfiguration : IEntityTypeConfiguration<TrashedTenant>
{
    public void Configure(EntityTypeBuilder<TrashedTenant> trashed)
    {
        trashed.ToTable("tenant_trash");
        trashed.Property(t => t.Id).ValueGeneratedNever();
        trashed.Property(t => t.Row).HasColumnType("jsonb");
        trashed.HasIndex(t => t.PurgeAfter);
    }
}
