using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Vigia.Core.Operations;
using Vigia.Core.Registry.Master;

namespace Vigia.Core.Staff.Approvals;

internal sealed class ApprovalConfiguration : IEntityTypeConfiguration<Approval>
{
    public void Configure(EntityTypeBuilder<Approval> approval)
    {
        approval.ToTable("approvals", table =>
        {
            table.HasCheckConstraint(
                "approvals_not_ones_own",
                "decided_by IS NULL OR decided_by <> requested_by OR state NOT IN ('approved', 'refused')");
            table.HasCheckConstraint("approvals_client_or_person", "(operation_id IS NULL) = (tenant_id IS NULL)");
        });
        approval.Ignore(a => a.ConcernsStaff);
        approval.Property(a => a.Action).HasConversion<ApprovalActionConverter>();
        approval.Property(a => a.Seen).HasColumnType("jsonb");
        approval.HasIndex(a => a.State);
        approval.HasIndex(a => a.OperationId).HasDatabaseName("ix_approvals_one_waiting")
            .IsUnique().HasFilter("state = 'waiting'");
        approval.HasOne<StaffMember>().WithMany().HasForeignKey(a => a.StaffId).OnDelete(DeleteBehavior.Restrict);
        approval.HasOne<Operation>().WithMany().HasForeignKey(a => a.OperationId).OnDelete(DeleteBehavior.Restrict);
    }
}
