using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Master;

internal sealed class MasterInstanceConfiguration : IEntityTypeConfiguration<MasterInstance>
{
    public void Configure(EntityTypeBuilder<MasterInstance> instance)
    {
        instance.ToTable("instance", table => table.HasCheckConstraint("instance_is_one_row", "id = 1"));
        instance.Property(i => i.Id).ValueGeneratedNever();
    }
}
