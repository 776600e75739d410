using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Vigia.Core.Audit;

internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditEvent>, IEntityTypeConfiguration<AuditHead>
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

        // What the page filters by, each in the order it shows.
        audit.HasIndex(e => new { e.ActorId, e.Seq });
        audit.HasIndex(e => new { e.Action, e.Seq });
        audit.HasIndex(e => e.TraceId);
        audit.HasIndex(e => e.At);
    }

    public void Configure(EntityTypeBuilder<AuditHead> head)
    {
        head.ToTable("audit_head", table => table.HasCheckConstraint("audit_head_is_one_row", "id = 1"));
        head.Property(h => h.Id).ValueGeneratedNever();
        head.HasData(new AuditHead { Id = 1, Seq = 0, Hash = new byte[32] });
    }
}
