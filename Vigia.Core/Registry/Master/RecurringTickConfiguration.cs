using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Master;

internal sealed class RecurringTickConfiguration : IEntityTypeConfiguration<RecurringTick>
{
    public void Configure(EntityTypeBuilder<RecurringTick> tick)
    {
        tick.ToTable("recurring_ticks");
        tick.HasKey(t => t.Job);
    }
}
