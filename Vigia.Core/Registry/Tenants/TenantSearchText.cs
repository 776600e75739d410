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
}

internal sealed class TenantSearchTextConfiguration : IEntityTypeConfiguration<TenantSearchText>
{
    public void Configure(EntityTypeBuilder<TenantSearchText> text)
    {
        text.ToTable("tenant_search", MasterContext.Schema, table => table.ExcludeFromMigrations());
        text.Property(t => t.Id).ValueGeneratedNever();
    }
}
