using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Servers;

namespace Vigia.Core.Tenancy;

/// <summary>
/// The connections to a server that an instance may have. The rows of a server never allow more than its budget
/// together. See docs/rules.md#tenant-connections.
/// </summary>
public sealed class ConnectionShare
{
    public int ServerId { get; init; }

    /// <summary>A process that serves tenants. Part of the application name of its connections.</summary>
    public Guid InstanceId { get; init; }

    /// <summary>The most connections that the instance has until it renews its row.</summary>
    public int Held { get; init; }

    /// <summary>After this moment, by the clock of the master, the instance opens no connection.</summary>
    public DateTimeOffset LeaseUntil { get; init; }
}

internal sealed class ConnectionShareConfiguration : IEntityTypeConfiguration<ConnectionShare>
{
    public void Configure(EntityTypeBuilder<ConnectionShare> share)
    {
        share.ToTable("connection_shares", table => table.HasCheckConstraint("connection_shares_held", "held >= 0"));
        share.HasKey(s => new { s.ServerId, s.InstanceId });
        share.HasOne<DatabaseServer>().WithMany().HasForeignKey(s => s.ServerId)
            .HasConstraintName("fk_connection_shares_servers").OnDelete(DeleteBehavior.Cascade);
    }
}
