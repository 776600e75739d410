using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Databases;

internal sealed class DatabaseConfiguration : IEntityTypeConfiguration<ManagedDatabase>, IEntityTypeConfiguration<DatabaseServer>
{
    public void Configure(EntityTypeBuilder<ManagedDatabase> database)
    {
        database.ToTable("databases");
        database.HasIndex(d => new { d.ServerId, d.Name }).IsUnique();
        database.HasIndex(d => d.TenantId).IsUnique();
        database.HasOne<DatabaseServer>().WithMany().HasForeignKey(d => d.ServerId).OnDelete(DeleteBehavior.Restrict);
    }

    public void Configure(EntityTypeBuilder<DatabaseServer> server)
    {
        server.ToTable("database_servers");
        server.HasData(new DatabaseServer { Id = 1, Name = "principal" });
    }
}
