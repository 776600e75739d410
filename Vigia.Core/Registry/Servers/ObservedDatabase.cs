using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Postgres;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Servers;

/// <summary>
/// The last observation of a database on a server: whether it exists, whether it can be used, and its size.
/// <c>DatabaseObserver</c> looks in the background. Pages and lists read this row and never ask the server, which
/// may be far away. A database without a row was not looked at yet and counts as present.
/// </summary>
public sealed class ObservedDatabase
{
    public int ServerId { get; init; }
    public required string Name { get; init; }

    /// <summary>Whether the server has a database of this name.</summary>
    public bool IsPresent { get; set; }

    /// <summary>Why it can't be used although it is there. Null when it can.</summary>
    public DatabaseRefusal? Refusal { get; set; }

    /// <summary>The SQL statement that mends the refusal. Null when there is none.</summary>
    public string? Remedy { get; set; }

    /// <summary>When <see cref="IsPresent"/> or <see cref="Refusal"/> last changed.</summary>
    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Bytes on disk. Null when the size is unknown.</summary>
    public long? SizeBytes { get; set; }

    /// <summary>When the size was read. Null when nobody has tried.</summary>
    public DateTimeOffset? SizeAt { get; set; }

    /// <summary>Whether sessions can be opened in it.</summary>
    public bool IsUsable => IsPresent && Refusal is null;
}

internal sealed class ObservedDatabaseConfiguration : IEntityTypeConfiguration<ObservedDatabase>
{
    public void Configure(EntityTypeBuilder<ObservedDatabase> database)
    {
        database.ToTable("observed_databases");
        database.HasKey(d => new { d.ServerId, d.Name });
        database.Ignore(d => d.IsUsable);
        database.Property(d => d.Refusal).HasConversion<LowerCaseConverter<DatabaseRefusal>>();
        database.HasIndex(d => new { d.ServerId, d.SizeAt }).HasDatabaseName("ix_observed_databases_size")
            .HasFilter("is_present");
        database.HasIndex(d => new { d.ServerId, d.Name }).HasDatabaseName("ix_observed_databases_not_usable")
            .HasFilter(DatabaseConditions.NotUsable);
        database.HasOne<DatabaseServer>().WithMany().HasForeignKey(d => d.ServerId)
            .HasConstraintName("fk_observed_databases_servers").OnDelete(DeleteBehavior.Cascade);
    }
}
