using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Servers;

internal sealed class DatabaseServerConfiguration : IEntityTypeConfiguration<DatabaseServer>
{
    public void Configure(EntityTypeBuilder<DatabaseServer> server)
    {
        server.ToTable("database_servers");
        server.Property(s => s.Openings).HasColumnType("jsonb");
        server.HasData(new DatabaseServer { Id = 1, Name = "principal" });
    }
}
