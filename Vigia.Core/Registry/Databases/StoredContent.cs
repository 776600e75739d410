using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Databases;

/// <summary>
/// The last count of what a tenant's database contains. A trigger adds the row when the tenant becomes ready.
/// </summary>
[VisibleByTenant(nameof(TenantId))]
public sealed class StoredContent
{
    public int TenantId { get; init; }

    /// <summary>When the figures were counted. Null while nobody has succeeded.</summary>
    public DateTimeOffset? CountedAt { get; set; }

    /// <summary>The figures, as JSON of <see cref="TenantContent"/>.</summary>
    public string? Figures { get; set; }

    /// <summary>When the figures are to be counted again.</summary>
    public DateTimeOffset DueAt { get; set; }
}

internal sealed class StoredContentConfiguration : IEntityTypeConfiguration<StoredContent>
{
    public void Configure(EntityTypeBuilder<StoredContent> content)
    {
        content.ToTable("tenant_contents");
        content.HasKey(c => c.TenantId);
        content.Property(c => c.TenantId).ValueGeneratedNever();
        content.Property(c => c.Figures).HasColumnType("jsonb");
        content.HasIndex(c => c.DueAt).HasDatabaseName("ix_tenant_contents_due");
    }
}
