using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Approvals;

internal sealed class StaffInfluenceConfiguration :
    IEntityTypeConfiguration<StaffInfluence>
{
    public void Configure(EntityTypeBuilder<StaffInfluence> influence)
    {
        influence.ToTable("staff_influences");
        influence.Property(i => i.Kind).HasConversion<SnakeCaseConverter<InfluenceKind>>().HasMaxLength(40);
        influence.HasIndex(i => i.At);
        influence.BelongsToStaff(nameof(StaffInfluence.StaffId));
        influence.HasOne<StaffMember>().WithMany().HasForeignKey(i => i.ById).OnDelete(DeleteBehavior.Restrict);
    }
}
