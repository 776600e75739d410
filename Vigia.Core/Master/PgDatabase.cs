using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Master;

/// <summary>The server's catalogue of databases, to see in the same statement whether a tenant's is there.</summary>
public sealed class PgDatabase
{
    public required string Name { get; init; }
}

internal sealed class PgDatabaseConfiguration : IEntityTypeConfiguration<PgDatabase>
{
    public void Configure(EntityTypeBuilder<PgDatabase> database)
    {
        database.HasNoKey();
        database.ToView("pg_database", "pg_catalog");
        database.Property(d => d.Name).HasColumnName("datname");
    }
}
