using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Operations;

namespace Vigia.Core.Approvals;

internal sealed class ApprovalConfiguration : IEntityTypeConfiguration<Approval>
{
    public void Configure(EntityTypeBuilder<Approval> approval)
    {
        approval.ToTable("approvals", table => table.HasCheckConstraint("approvals_not_ones_own", "decided_by IS NULL OR decided_by <> requested_by OR state NOT IN ('approved', 'refused')"));
        approval.Property(a => a.Seen).HasColumnType("jsonb");
        approval.HasIndex(a => a.State);
        approval.HasIndex(a => a.OperationId, "ix_approvals_one_waiting").IsUnique().HasFilter("state = 'waiting'");
        approval.HasOne<Operation>().WithMany().HasForeignKey(a => a.OperationId).OnDelete(DeleteBehavior.Restrict);
    }
}
