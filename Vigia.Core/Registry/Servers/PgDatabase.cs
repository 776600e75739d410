using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// The server's catalogue of databases. With it a query can check in the same statement whether a tenant's database
/// exists.
/// </summary>
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
