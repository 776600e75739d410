using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Servers;

internal sealed class ManagedDatabaseConfiguration : IEntityTypeConfiguration<ManagedDatabase>
{
    public void Configure(EntityTypeBuilder<ManagedDatabase> database)
    {
        database.ToTable("databases");
        database.HasIndex(d => new { d.ServerId, d.Name }).IsUnique();
        database.HasIndex(d => d.TenantId).HasDatabaseName("ix_databases_own").IsUnique()
            .HasFilter(OwnDatabases.Condition);

        // For a random sample of each kind, and for the few templates.
        database.HasIndex(d => new { d.ServerId, d.Kind, d.Id }).HasDatabaseName("ix_databases_kind");
        database.Property(d => d.EverInProduction).HasDefaultValue(true).HasSentinel(true);
        database.HasOne<DatabaseServer>().WithMany().HasForeignKey(d => d.ServerId)
            .HasConstraintName("fk_databases_servers_server_id").OnDelete(DeleteBehavior.Restrict);
    }
}
