using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Master;

internal sealed class StaffScopeConfiguration :
    IEntityTypeConfiguration<StaffScope>
{
    public void Configure(EntityTypeBuilder<StaffScope> scope)
    {
        scope.ToTable("staff_scopes");
        scope.HasKey(s => new { s.StaffId, s.TenantId });
        scope.BelongsToStaff(nameof(StaffScope.StaffId));
    }
}
