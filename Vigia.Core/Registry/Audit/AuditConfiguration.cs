using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Registry.Audit;

internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditEvent>, IEntityTypeConfiguration<AuditHead>,
IEntityTypeConfiguration<AuditCheck>
{
    public void Configure(EntityTypeBuilder<AuditEvent> audit)
    {
        audit.ToTable("audit_events");
        audit.HasKey(e => e.Seq);
        audit.Property(e => e.Seq).ValueGeneratedNever();
        audit.Property(e => e.Before).HasColumnType("jsonb");
        audit.Property(e => e.After).HasColumnType("jsonb");
        audit.HasIndex(e => new { e.TenantId, e.Seq });
        audit.HasIndex(e => e.OperationId);

        // The filters of the audit page, each in the order of the page.
        audit.HasIndex(e => new { e.ActorId, e.Seq });
        audit.HasIndex(e => new { e.Action, e.Seq });
        audit.HasIndex(e => new { e.ActorName, e.Seq });
        audit.HasIndex(e => e.Seq).HasDatabaseName("ix_audit_events_signed").HasFilter("signature_meaning IS NOT NULL");
        audit.HasIndex(e => e.TraceId);
        audit.HasIndex(e => e.At);
    }

    public void Configure(EntityTypeBuilder<AuditHead> head)
    {
        head.ToTable("audit_head", table => table.HasCheckConstraint("audit_head_is_one_row", "id = 1"));
        head.Property(h => h.Id).ValueGeneratedNever();
        head.HasData(new AuditHead { Id = 1, Seq = 0, Hash = new byte[32] });
    }

    public void Configure(EntityTypeBuilder<AuditCheck> check)
    {
        check.ToTable("audit_checks");
        check.Property(c => c.Id).ValueGeneratedNever();
        check.HasIndex(c => c.IsLast).HasDatabaseName("ix_audit_checks_last").IsUnique().HasFilter("is_last");
        check.HasIndex(c => c.At);
    }
}
