using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// A database that exists on a server, as the server's catalogue says. With it a query can check in the same statement
/// whether a tenant's database exists.
/// </summary>
public sealed class ServerDatabase
{
    public int ServerId { get; init; }
    public required string Name { get; init; }
}

internal sealed class ServerDatabaseConfiguration : IEntityTypeConfiguration<ServerDatabase>
{
    public void Configure(EntityTypeBuilder<ServerDatabase> database)
    {
        database.HasNoKey();
        database.ToView("server_databases", MasterContext.Schema);
    }
}
