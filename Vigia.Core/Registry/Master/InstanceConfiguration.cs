using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Master;

internal sealed class InstanceConfiguration : IEntityTypeConfiguration<MasterInstance>,
IEntityTypeConfiguration<RecurringTick>
{
    public void Configure(EntityTypeBuilder<MasterInstance> instance)
    {
        instance.ToTable("instance", table => table.HasCheckConstraint("instance_is_one_row", "id = 1"));
        instance.Property(i => i.Id).ValueGeneratedNever();
    }

    public void Configure(EntityTypeBuilder<RecurringTick> tick)
    {
        tick.ToTable("recurring_ticks");
        tick.HasKey(t => t.Job);
    }
}
