using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Registry.Tenants;

/// <summary>
/// The folded text of a tenant for searches (<c>portal.tenant_search</c>). A trigger on the registry writes it.
/// </summary>
internal sealed class TenantSearchText
{
    public int Id { get; private set; }

    public string Folded { get; private set; } = "";

    /// <summary>
    /// Its single characters and pairs of characters, for words that are too short for the index of the text.
    /// </summary>
    public string[] Grams { get; private set; } = [];
}

internal sealed class TenantSearchTextConfiguration : IEntityTypeConfiguration<TenantSearchText>
{
    public void Configure(EntityTypeBuilder<TenantSearchText> text)
    {
        text.ToTable("tenant_search", MasterContext.Schema, table => table.ExcludeFromMigrations());
        text.Property(t => t.Id).ValueGeneratedNever();
        text.Property(t => t.Grams).ValueGeneratedOnAddOrUpdate();
    }
}
