using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Operations;

internal sealed class OperationConfiguration : IEntityTypeConfiguration<Operation>,
IEntityTypeConfiguration<OperationStep>, IEntityTypeConfiguration<OperationItem>
{
    public void Configure(EntityTypeBuilder<Operation> operation)
    {
        operation.ToTable("operations");
        operation.Property(o => o.Id).ValueGeneratedNever();
        operation.Ignore(o => o.TenantName);
        operation.Property(o => o.Kind).HasMaxLength(50);
        operation.Property(o => o.Data).HasColumnType("jsonb");

        // Operation.ShownState, for lists and counts.
        operation.Property<OperationState?>(OperationList.Shown).HasColumnName("shown_state").HasComputedColumnSql(
            "CASE WHEN state = 'queued' AND not_before IS NOT NULL AND error IS NULL THEN 'running' ELSE state END",
            stored: true);
        operation.HasMany(o => o.Steps).WithOne().HasForeignKey(s => s.OperationId).OnDelete(DeleteBehavior.Cascade);

        // See docs/rules.md#one-running-operation.
        operation.HasIndex(o => o.TenantId).HasDatabaseName("ix_operations_one_running_per_tenant").IsUnique()
            .HasFilter("state IN ('running', 'cancelling')");
        operation.HasIndex(o => new { o.TenantId, o.Kind })
            .HasDatabaseName("ix_operations_one_queued_per_tenant_and_kind").IsUnique()
            .HasFilter("state IN ('queued', 'waiting')");
        // A second upgrade of all tenants would wait for the tenants of the first one and then find nothing to do.
        operation.HasIndex(o => o.Kind).HasDatabaseName("ix_operations_one_migrate_tenants").IsUnique()
            .HasFilter("kind = 'migrate_tenants' AND state IN ('queued', 'running', 'waiting', 'cancelling')");
        // See docs/rules.md#recurring-work.
        operation.Property(o => o.Job).HasMaxLength(50);
        operation.HasIndex(o => o.Job).HasDatabaseName("ix_operations_one_per_job").IsUnique()
            .HasFilter("job IS NOT NULL AND state IN ('queued', 'running', 'waiting', 'cancelling')");
        operation.HasIndex(o => o.ParentId).HasDatabaseName("ix_operations_parent").HasFilter("parent_id IS NOT NULL");

        // The ranges of a claim: fresh, delayed, and running operations.
        operation.HasIndex(o => new { o.Priority, o.CreatedAt }).HasDatabaseName("ix_operations_queue")
            .HasFilter("state = 'queued' AND not_before IS NULL");
        operation.HasIndex(o => new { o.Priority, o.NotBefore }).HasDatabaseName("ix_operations_delayed")
            .HasFilter("state = 'queued' AND not_before IS NOT NULL");
        operation.HasIndex(o => o.LeaseUntil).HasDatabaseName("ix_operations_leases")
            .HasFilter("state IN ('running', 'cancelling')");
        operation.HasIndex(o => new { o.TenantId, o.CreatedAt }).HasDatabaseName("ix_operations_tenant");
        // Each filter of the lists, in their order.
        operation.HasIndex(o => new { o.CreatedAt, o.Id }).HasDatabaseName("ix_operations_created");
        operation.HasIndex(o => new { o.CreatedAt, o.Id }, "listed").HasDatabaseName("ix_operations_listed").HasFilter(
            "parent_id IS NULL AND (tenant_id IS NOT NULL OR requested_by IS NOT NULL OR state <> 'succeeded')");
        operation.HasIndex(o => new { o.Kind, o.CreatedAt, o.Id }).HasDatabaseName("ix_operations_kind");
        operation.HasIndex(OperationList.Shown, nameof(Operation.CreatedAt), nameof(Operation.Id))
            .HasDatabaseName("ix_operations_state");
        operation.HasIndex(
            nameof(Operation.Kind), OperationList.Shown, nameof(Operation.CreatedAt), nameof(Operation.Id))
            .HasDatabaseName("ix_operations_kind_state");
        operation.HasIndex(o => o.FinishedAt).HasDatabaseName("ix_operations_failed").HasFilter("state = 'failed'");
        operation.HasIndex(o => new { o.RequestedBy, o.FinishedAt }).HasDatabaseName("ix_operations_finished");
    }

    public void Configure(EntityTypeBuilder<OperationStep> step)
    {
        step.ToTable("operation_steps");
        step.HasKey(s => new { s.OperationId, s.Ordinal });
        step.Property(s => s.Name).HasMaxLength(50);
    }

    public void Configure(EntityTypeBuilder<OperationItem> item)
    {
        item.ToTable("operation_items");
        item.HasKey(i => new { i.OperationId, i.TenantId });
        item.HasOne<Operation>().WithMany().HasForeignKey(i => i.OperationId).OnDelete(DeleteBehavior.Cascade);
        item.HasIndex(i => i.TenantId).HasDatabaseName("ix_operation_items_tenant");

        // For operations that begin children for many tenants: the query that runs each time they continue.
        item.HasIndex(i => new { i.OperationId, i.TenantId }).HasDatabaseName("ix_operation_items_next")
            .HasFilter("state = 'pending' AND child_operation_id IS NULL");
        item.HasIndex(i => i.OperationId).HasDatabaseName("ix_operation_items_begun")
            .HasFilter("state = 'pending' AND child_operation_id IS NOT NULL");
    }
}
